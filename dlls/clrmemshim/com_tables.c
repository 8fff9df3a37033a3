/*
 * The interfaces of Microsoft's mscorlib type library that hosts use, method by method.
 *
 * Order and types are those of mscorlib's own declarations for COM, which the type library was made from: an
 * overload has a slot of its own, and IDispatch's methods come first where an interface is dual.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "com.h"

#include <initguid.h> /* after the headers: only the GUIDs below are defined here */

#include <string.h>

DEFINE_GUID(IID__Object, 0x65074f7f, 0x63c0, 0x304e, 0xaf, 0x0a, 0xd5, 0x17, 0x41, 0xcb, 0x4a, 0x8d);
DEFINE_GUID(IID__AppDomain, 0x05f696dc, 0x2b29, 0x3663, 0xad, 0x8b, 0xc4, 0x38, 0x9c, 0xf2, 0xa7, 0x13);
DEFINE_GUID(IID__Assembly, 0x17156360, 0x2f1a, 0x384a, 0xbc, 0x52, 0xfd, 0xe9, 0x3c, 0x21, 0x5c, 0x5b);
DEFINE_GUID(IID__Type, 0xbca8b44d, 0xaad6, 0x3a86, 0x8a, 0xb7, 0x03, 0x34, 0x9f, 0x4f, 0x2d, 0xa2);
DEFINE_GUID(IID__MemberInfo, 0xf7102fa9, 0xcabb, 0x3a74, 0xa6, 0xda, 0xb4, 0x56, 0x7e, 0xf1, 0xb0, 0x79);
DEFINE_GUID(IID__MethodBase, 0x6240837a, 0x707f, 0x3181, 0x8e, 0x98, 0xa3, 0x6a, 0xe0, 0x86, 0x76, 0x6b);
DEFINE_GUID(IID__MethodInfo, 0xffcc1b5d, 0xecb8, 0x38dd, 0x9b, 0x01, 0x3d, 0xc8, 0xab, 0xc2, 0xaa, 0x5f);
DEFINE_GUID(IID__ConstructorInfo, 0xe9a19478, 0x9646, 0x3679, 0x9b, 0x10, 0x84, 0x11, 0xae, 0x1f, 0xd5, 0x7d);
DEFINE_GUID(IID__FieldInfo, 0x8a7c1442, 0xa9fb, 0x366b, 0x80, 0xd8, 0x49, 0x39, 0xff, 0xa6, 0xdb, 0xe0);
DEFINE_GUID(IID__PropertyInfo, 0xf59ed4e4, 0xe68f, 0x3218, 0xbd, 0x77, 0x06, 0x1a, 0xa8, 0x28, 0x24, 0xbf);
DEFINE_GUID(IID__ObjectHandle, 0xea675b47, 0x64e0, 0x3b5f, 0x9b, 0xe7, 0xf7, 0xdc, 0x29, 0x90, 0x73, 0x0d);
DEFINE_GUID(IID_IObjectHandle, 0xc460e2b4, 0xe199, 0x412a, 0x84, 0x56, 0x84, 0xdc, 0x3e, 0x48, 0x38, 0xc3);
DEFINE_GUID(IID_IAppDomainSetup, 0x27fff232, 0xa7a8, 0x40dd, 0x8d, 0x4a, 0x73, 0x4a, 0xd5, 0x9f, 0xcd, 0x41);

/* clang-format off */
#define OBJECT_METHODS \
    "string ToString()", \
    "bool Equals(object)", \
    "int GetHashCode()", \
    "Type GetType()"

#define MEMBER_METHODS \
    OBJECT_METHODS, \
    "MemberTypes get_MemberType()", \
    "string get_Name()", \
    "Type get_DeclaringType()", \
    "Type get_ReflectedType()", \
    "object[] GetCustomAttributes(Type,bool)", \
    "object[] GetCustomAttributes(bool)", \
    "bool IsDefined(Type,bool)"

#define METHOD_BASE_METHODS \
    MEMBER_METHODS, \
    "ParameterInfo[] GetParameters()", \
    "MethodImplAttributes GetMethodImplementationFlags()", \
    "RuntimeMethodHandle get_MethodHandle()", \
    "MethodAttributes get_Attributes()", \
    "CallingConventions get_CallingConvention()", \
    "object Invoke(object,BindingFlags,Binder,object[],CultureInfo)", \
    "bool get_IsPublic()", \
    "bool get_IsPrivate()", \
    "bool get_IsFamily()", \
    "bool get_IsAssembly()", \
    "bool get_IsFamilyAndAssembly()", \
    "bool get_IsFamilyOrAssembly()", \
    "bool get_IsStatic()", \
    "bool get_IsFinal()", \
    "bool get_IsVirtual()", \
    "bool get_IsHideBySig()", \
    "bool get_IsAbstract()", \
    "bool get_IsSpecialName()", \
    "bool get_IsConstructor()", \
    "object Invoke(object,object[])"

static const char *const object_methods[] = {OBJECT_METHODS};

static const char *const app_domain_methods[] = {
    OBJECT_METHODS,
    "object InitializeLifetimeService()",
    "object GetLifetimeService()",
    "Evidence get_Evidence()",
    "void add_DomainUnload(EventHandler)",
    "void remove_DomainUnload(EventHandler)",
    "void add_AssemblyLoad(AssemblyLoadEventHandler)",
    "void remove_AssemblyLoad(AssemblyLoadEventHandler)",
    "void add_ProcessExit(EventHandler)",
    "void remove_ProcessExit(EventHandler)",
    "void add_TypeResolve(ResolveEventHandler)",
    "void remove_TypeResolve(ResolveEventHandler)",
    "void add_ResourceResolve(ResolveEventHandler)",
    "void remove_ResourceResolve(ResolveEventHandler)",
    "void add_AssemblyResolve(ResolveEventHandler)",
    "void remove_AssemblyResolve(ResolveEventHandler)",
    "void add_UnhandledException(UnhandledExceptionEventHandler)",
    "void remove_UnhandledException(UnhandledExceptionEventHandler)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess,string)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess,Evidence)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess,PermissionSet,PermissionSet,PermissionSet)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess,string,Evidence)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess,string,PermissionSet,PermissionSet,PermissionSet)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess,Evidence,PermissionSet,PermissionSet,PermissionSet)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess,string,Evidence,PermissionSet,PermissionSet,PermissionSet)",
    "AssemblyBuilder DefineDynamicAssembly(AssemblyName,AssemblyBuilderAccess,string,Evidence,PermissionSet,PermissionSet,PermissionSet,bool)",
    "ObjectHandle CreateInstance(string,string)",
    "ObjectHandle CreateInstanceFrom(string,string)",
    "ObjectHandle CreateInstance(string,string,object[])",
    "ObjectHandle CreateInstanceFrom(string,string,object[])",
    "ObjectHandle CreateInstance(string,string,bool,BindingFlags,Binder,object[],CultureInfo,object[],Evidence)",
    "ObjectHandle CreateInstanceFrom(string,string,bool,BindingFlags,Binder,object[],CultureInfo,object[],Evidence)",
    "Assembly Load(AssemblyName)",
    "Assembly Load(string)",
    "Assembly Load(byte[])",
    "Assembly Load(byte[],byte[])",
    "Assembly Load(byte[],byte[],Evidence)",
    "Assembly Load(AssemblyName,Evidence)",
    "Assembly Load(string,Evidence)",
    "int ExecuteAssembly(string,Evidence)",
    "int ExecuteAssembly(string)",
    "int ExecuteAssembly(string,Evidence,string[])",
    "string get_FriendlyName()",
    "string get_BaseDirectory()",
    "string get_RelativeSearchPath()",
    "bool get_ShadowCopyFiles()",
    "Assembly[] GetAssemblies()",
    "void AppendPrivatePath(string)",
    "void ClearPrivatePath()",
    "void SetShadowCopyPath(string)",
    "void ClearShadowCopyPath()",
    "void SetCachePath(string)",
    "void SetData(string,object)",
    "object GetData(string)",
    "void SetAppDomainPolicy(PolicyLevel)",
    "void SetThreadPrincipal(IPrincipal)",
    "void SetPrincipalPolicy(PrincipalPolicy)",
    "void DoCallBack(CrossAppDomainDelegate)",
    "string get_DynamicDirectory()",
};

static const char *const assembly_methods[] = {
    OBJECT_METHODS,
    "string get_CodeBase()",
    "string get_EscapedCodeBase()",
    "AssemblyName GetName()",
    "AssemblyName GetName(bool)",
    "string get_FullName()",
    "MethodInfo get_EntryPoint()",
    "Type GetType(string)",
    "Type GetType(string,bool)",
    "Type[] GetExportedTypes()",
    "Type[] GetTypes()",
    "Stream GetManifestResourceStream(Type,string)",
    "Stream GetManifestResourceStream(string)",
    "FileStream GetFile(string)",
    "FileStream[] GetFiles()",
    "FileStream[] GetFiles(bool)",
    "string[] GetManifestResourceNames()",
    "ManifestResourceInfo GetManifestResourceInfo(string)",
    "string get_Location()",
    "Evidence get_Evidence()",
    "object[] GetCustomAttributes(Type,bool)",
    "object[] GetCustomAttributes(bool)",
    "bool IsDefined(Type,bool)",
    "void GetObjectData(SerializationInfo,StreamingContext)",
    "void add_ModuleResolve(ModuleResolveEventHandler)",
    "void remove_ModuleResolve(ModuleResolveEventHandler)",
    "Type GetType(string,bool,bool)",
    "Assembly GetSatelliteAssembly(CultureInfo)",
    "Assembly GetSatelliteAssembly(CultureInfo,Version)",
    "Module LoadModule(string,byte[])",
    "Module LoadModule(string,byte[],byte[])",
    "object CreateInstance(string)",
    "object CreateInstance(string,bool)",
    "object CreateInstance(string,bool,BindingFlags,Binder,object[],CultureInfo,object[])",
    "Module[] GetLoadedModules()",
    "Module[] GetLoadedModules(bool)",
    "Module[] GetModules()",
    "Module[] GetModules(bool)",
    "Module GetModule(string)",
    "AssemblyName[] GetReferencedAssemblies()",
    "bool get_GlobalAssemblyCache()",
};

static const char *const type_methods[] = {
    MEMBER_METHODS,
    "Guid get_GUID()",
    "Module get_Module()",
    "Assembly get_Assembly()",
    "RuntimeTypeHandle get_TypeHandle()",
    "string get_FullName()",
    "string get_Namespace()",
    "string get_AssemblyQualifiedName()",
    "int GetArrayRank()",
    "Type get_BaseType()",
    "ConstructorInfo[] GetConstructors(BindingFlags)",
    "Type GetInterface(string,bool)",
    "Type[] GetInterfaces()",
    "Type[] FindInterfaces(TypeFilter,object)",
    "EventInfo GetEvent(string,BindingFlags)",
    "EventInfo[] GetEvents()",
    "EventInfo[] GetEvents(BindingFlags)",
    "Type[] GetNestedTypes(BindingFlags)",
    "Type GetNestedType(string,BindingFlags)",
    "MemberInfo[] GetMember(string,MemberTypes,BindingFlags)",
    "MemberInfo[] GetDefaultMembers()",
    "MemberInfo[] FindMembers(MemberTypes,BindingFlags,MemberFilter,object)",
    "Type GetElementType()",
    "bool IsSubclassOf(Type)",
    "bool IsInstanceOfType(object)",
    "bool IsAssignableFrom(Type)",
    "InterfaceMapping GetInterfaceMap(Type)",
    "MethodInfo GetMethod(string,BindingFlags,Binder,Type[],ParameterModifier[])",
    "MethodInfo GetMethod(string,BindingFlags)",
    "MethodInfo[] GetMethods(BindingFlags)",
    "FieldInfo GetField(string,BindingFlags)",
    "FieldInfo[] GetFields(BindingFlags)",
    "PropertyInfo GetProperty(string,BindingFlags)",
    "PropertyInfo GetProperty(string,BindingFlags,Binder,Type,Type[],ParameterModifier[])",
    "PropertyInfo[] GetProperties(BindingFlags)",
    "MemberInfo[] GetMember(string,BindingFlags)",
    "MemberInfo[] GetMembers(BindingFlags)",
    "object InvokeMember(string,BindingFlags,Binder,object,object[],ParameterModifier[],CultureInfo,string[])",
    "Type get_UnderlyingSystemType()",
    "object InvokeMember(string,BindingFlags,Binder,object,object[],CultureInfo)",
    "object InvokeMember(string,BindingFlags,Binder,object,object[])",
    "ConstructorInfo GetConstructor(BindingFlags,Binder,CallingConventions,Type[],ParameterModifier[])",
    "ConstructorInfo GetConstructor(BindingFlags,Binder,Type[],ParameterModifier[])",
    "ConstructorInfo GetConstructor(Type[])",
    "ConstructorInfo[] GetConstructors()",
    "ConstructorInfo get_TypeInitializer()",
    "MethodInfo GetMethod(string,BindingFlags,Binder,CallingConventions,Type[],ParameterModifier[])",
    "MethodInfo GetMethod(string,Type[],ParameterModifier[])",
    "MethodInfo GetMethod(string,Type[])",
    "MethodInfo GetMethod(string)",
    "MethodInfo[] GetMethods()",
    "FieldInfo GetField(string)",
    "FieldInfo[] GetFields()",
    "Type GetInterface(string)",
    "EventInfo GetEvent(string)",
    "PropertyInfo GetProperty(string,Type,Type[],ParameterModifier[])",
    "PropertyInfo GetProperty(string,Type,Type[])",
    "PropertyInfo GetProperty(string,Type[])",
    "PropertyInfo GetProperty(string,Type)",
    "PropertyInfo GetProperty(string)",
    "PropertyInfo[] GetProperties()",
    "Type[] GetNestedTypes()",
    "Type GetNestedType(string)",
    "MemberInfo[] GetMember(string)",
    "MemberInfo[] GetMembers()",
    "TypeAttributes get_Attributes()",
    "bool get_IsNotPublic()",
    "bool get_IsPublic()",
    "bool get_IsNestedPublic()",
    "bool get_IsNestedPrivate()",
    "bool get_IsNestedFamily()",
    "bool get_IsNestedAssembly()",
    "bool get_IsNestedFamANDAssem()",
    "bool get_IsNestedFamORAssem()",
    "bool get_IsAutoLayout()",
    "bool get_IsLayoutSequential()",
    "bool get_IsExplicitLayout()",
    "bool get_IsClass()",
    "bool get_IsInterface()",
    "bool get_IsValueType()",
    "bool get_IsAbstract()",
    "bool get_IsSealed()",
    "bool get_IsEnum()",
    "bool get_IsSpecialName()",
    "bool get_IsImport()",
    "bool get_IsSerializable()",
    "bool get_IsAnsiClass()",
    "bool get_IsUnicodeClass()",
    "bool get_IsAutoClass()",
    "bool get_IsArray()",
    "bool get_IsByRef()",
    "bool get_IsPointer()",
    "bool get_IsPrimitive()",
    "bool get_IsCOMObject()",
    "bool get_HasElementType()",
    "bool get_IsContextful()",
    "bool get_IsMarshalByRef()",
    "bool Equals(Type)",
};

static const char *const member_info_methods[] = {MEMBER_METHODS};

static const char *const method_base_methods[] = {METHOD_BASE_METHODS};

static const char *const method_info_methods[] = {
    METHOD_BASE_METHODS,
    "Type get_ReturnType()",
    "ICustomAttributeProvider get_ReturnTypeCustomAttributes()",
    "MethodInfo GetBaseDefinition()",
};

static const char *const constructor_info_methods[] = {
    METHOD_BASE_METHODS,
    "object Invoke(BindingFlags,Binder,object[],CultureInfo)",
    "object Invoke(object[])",
};

static const char *const field_info_methods[] = {
    MEMBER_METHODS,
    "Type get_FieldType()",
    "object GetValue(object)",
    "object GetValueDirect(TypedReference)",
    "void SetValue(object,object,BindingFlags,Binder,CultureInfo)",
    "void SetValueDirect(TypedReference,object)",
    "RuntimeFieldHandle get_FieldHandle()",
    "FieldAttributes get_Attributes()",
    "void SetValue(object,object)",
    "bool get_IsPublic()",
    "bool get_IsPrivate()",
    "bool get_IsFamily()",
    "bool get_IsAssembly()",
    "bool get_IsFamilyAndAssembly()",
    "bool get_IsFamilyOrAssembly()",
    "bool get_IsStatic()",
    "bool get_IsInitOnly()",
    "bool get_IsLiteral()",
    "bool get_IsNotSerialized()",
    "bool get_IsSpecialName()",
    "bool get_IsPinvokeImpl()",
};

static const char *const property_info_methods[] = {
    MEMBER_METHODS,
    "Type get_PropertyType()",
    "object GetValue(object,object[])",
    "object GetValue(object,BindingFlags,Binder,object[],CultureInfo)",
    "void SetValue(object,object,object[])",
    "void SetValue(object,object,BindingFlags,Binder,object[],CultureInfo)",
    "MethodInfo[] GetAccessors(bool)",
    "MethodInfo GetGetMethod(bool)",
    "MethodInfo GetSetMethod(bool)",
    "ParameterInfo[] GetIndexParameters()",
    "PropertyAttributes get_Attributes()",
    "bool get_CanRead()",
    "bool get_CanWrite()",
    "MethodInfo[] GetAccessors()",
    "MethodInfo GetGetMethod()",
    "MethodInfo GetSetMethod()",
    "bool get_IsSpecialName()",
};

static const char *const object_handle_methods[] = {
    OBJECT_METHODS,
    "object GetLifetimeService()",
    "object InitializeLifetimeService()",
    "ObjRef CreateObjRef(Type)",
    "object Unwrap()",
};

static const char *const i_object_handle_methods[] = {"object Unwrap()"};

static const char *const app_domain_setup_methods[] = {
    "string get_ApplicationBase()",
    "void set_ApplicationBase(string)",
    "string get_ApplicationName()",
    "void set_ApplicationName(string)",
    "string get_CachePath()",
    "void set_CachePath(string)",
    "string get_ConfigurationFile()",
    "void set_ConfigurationFile(string)",
    "string get_DynamicBase()",
    "void set_DynamicBase(string)",
    "string get_LicenseFile()",
    "void set_LicenseFile(string)",
    "string get_PrivateBinPath()",
    "void set_PrivateBinPath(string)",
    "string get_PrivateBinPathProbe()",
    "void set_PrivateBinPathProbe(string)",
    "string get_ShadowCopyDirectories()",
    "void set_ShadowCopyDirectories(string)",
    "string get_ShadowCopyFiles()",
    "void set_ShadowCopyFiles(string)",
};

#define INTERFACE(variable, name, first, table) \
    static const struct shim_com_interface variable = {#name, &IID_##name, first, ARRAY_SIZE(table), table}

INTERFACE(object, _Object, 7, object_methods);
INTERFACE(app_domain, _AppDomain, 7, app_domain_methods);
INTERFACE(assembly, _Assembly, 7, assembly_methods);
INTERFACE(type, _Type, 7, type_methods);
INTERFACE(member_info, _MemberInfo, 7, member_info_methods);
INTERFACE(method_base, _MethodBase, 7, method_base_methods);
INTERFACE(method_info, _MethodInfo, 7, method_info_methods);
INTERFACE(constructor_info, _ConstructorInfo, 7, constructor_info_methods);
INTERFACE(field_info, _FieldInfo, 7, field_info_methods);
INTERFACE(property_info, _PropertyInfo, 7, property_info_methods);
INTERFACE(object_handle, _ObjectHandle, 7, object_handle_methods);
INTERFACE(i_object_handle, IObjectHandle, 3, i_object_handle_methods);
INTERFACE(app_domain_setup, IAppDomainSetup, 3, app_domain_setup_methods);

/* By class; a derived class is met first on the way to its base. */
static const struct shim_com_class classes[] = {
    {"System", "AppDomain", {&app_domain, &object}},
    {"System", "AppDomainSetup", {&app_domain_setup, &object}},
    {"System", "Type", {&type, &member_info, &object}},
    {"System.Reflection", "Assembly", {&assembly, &object}},
    {"System.Reflection", "MethodInfo", {&method_info, &method_base, &member_info, &object}},
    {"System.Reflection", "ConstructorInfo", {&constructor_info, &method_base, &member_info, &object}},
    {"System.Reflection", "FieldInfo", {&field_info, &member_info, &object}},
    {"System.Reflection", "PropertyInfo", {&property_info, &member_info, &object}},
    {"System.Reflection", "MemberInfo", {&member_info, &object}},
    {"System.Runtime.Remoting", "ObjectHandle", {&object_handle, &i_object_handle, &object}},
    {"System", "Object", {&object}},
};
/* clang-format on */

const struct shim_com_class *shim_com_class_of(MonoClass *klass)
{
    unsigned int i;

    for (; klass; klass = shim_mono.class_get_parent(klass))
    {
        if (shim_mono.class_get_image(klass) != shim_mono.get_corlib()) continue;
        for (i = 0; i < ARRAY_SIZE(classes); i++)
        {
            if (!strcmp(shim_mono.class_get_name(klass), classes[i].name) &&
                !strcmp(shim_mono.class_get_namespace(klass), classes[i].space))
                return &classes[i];
        }
    }
    return NULL;
}

const IID *shim_com_app_domain(void)
{
    return app_domain.iid;
}
