/*
 * What a host gets by importing mscorlib.tlb: names, order and types of the type library, by hand.
 *
 * Methods that no host here calls are bare slots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_HOSTS_MSCORLIB_H
#define CLRMEM_HOSTS_MSCORLIB_H

#include <windows.h>
#include <oleauto.h>

typedef struct AppDomain AppDomain;
typedef struct Assembly Assembly;
typedef struct MethodInfo MethodInfo;
typedef struct ObjectHandle ObjectHandle;
typedef struct AppDomainSetup AppDomainSetup;
typedef struct PropertyInfo PropertyInfo;
typedef struct Type Type;

static const IID IID__AppDomain = {0x05f696dc, 0x2b29, 0x3663, {0xad, 0x8b, 0xc4, 0x38, 0x9c, 0xf2, 0xa7, 0x13}};
static const IID IID_IAppDomainSetup = {0x27fff232, 0xa7a8, 0x40dd, {0x8d, 0x4a, 0x73, 0x4a, 0xd5, 0x9f, 0xcd, 0x41}};
static const IID IID__Object = {0x65074f7f, 0x63c0, 0x304e, {0xaf, 0x0a, 0xd5, 0x17, 0x41, 0xcb, 0x4a, 0x8d}};

#define SLOT(name)              void *name;
#define METHOD(type, name, ...) HRESULT(STDMETHODCALLTYPE *name)(type * self __VA_ARGS__);

#define UNKNOWN_METHODS(type)                                                                                          \
    METHOD(type, QueryInterface, , REFIID riid, void **out)                                                            \
    ULONG(STDMETHODCALLTYPE *AddRef)(type *);                                                                          \
    ULONG(STDMETHODCALLTYPE *Release)(type *);

#define DISPATCH_METHODS(type)                                                                                         \
    UNKNOWN_METHODS(type)                                                                                              \
    METHOD(type, GetTypeInfoCount, , UINT *count)                                                                      \
    SLOT(GetTypeInfo)                                                                                                  \
    METHOD(type, GetIDsOfNames, , REFIID riid, LPOLESTR *names, UINT count, LCID lcid, DISPID *ids)                    \
    METHOD(type, Invoke, , DISPID id, REFIID riid, LCID lcid, WORD flags, DISPPARAMS *parameters, VARIANT *result,     \
           EXCEPINFO *exception, UINT *wrong)

#define OBJECT_METHODS(type)                                                                                           \
    DISPATCH_METHODS(type)                                                                                             \
    METHOD(type, get_ToString, , BSTR *out)                                                                            \
    METHOD(type, Equals, , VARIANT other, VARIANT_BOOL *out)                                                           \
    METHOD(type, GetHashCode, , LONG *out)                                                                             \
    METHOD(type, GetType, , Type **out)

#define MEMBER_METHODS(type)                                                                                           \
    OBJECT_METHODS(type)                                                                                               \
    METHOD(type, get_MemberType, , LONG *out)                                                                          \
    METHOD(type, get_name, , BSTR *out)                                                                                \
    METHOD(type, get_DeclaringType, , Type **out)                                                                      \
    SLOT(get_ReflectedType)                                                                                            \
    SLOT(GetCustomAttributes)                                                                                          \
    SLOT(GetCustomAttributes_2)                                                                                        \
    SLOT(IsDefined)

struct AppDomain
{
    const struct
    {
        OBJECT_METHODS(AppDomain)
        SLOT(InitializeLifetimeService)
        SLOT(GetLifetimeService)
        SLOT(get_Evidence)
        SLOT(add_DomainUnload)
        SLOT(remove_DomainUnload)
        SLOT(add_AssemblyLoad)
        SLOT(remove_AssemblyLoad)
        SLOT(add_ProcessExit)
        SLOT(remove_ProcessExit)
        SLOT(add_TypeResolve)
        SLOT(remove_TypeResolve)
        SLOT(add_ResourceResolve)
        SLOT(remove_ResourceResolve)
        SLOT(add_AssemblyResolve)
        SLOT(remove_AssemblyResolve)
        SLOT(add_UnhandledException)
        SLOT(remove_UnhandledException)
        SLOT(DefineDynamicAssembly)
        SLOT(DefineDynamicAssembly_2)
        SLOT(DefineDynamicAssembly_3)
        SLOT(DefineDynamicAssembly_4)
        SLOT(DefineDynamicAssembly_5)
        SLOT(DefineDynamicAssembly_6)
        SLOT(DefineDynamicAssembly_7)
        SLOT(DefineDynamicAssembly_8)
        SLOT(DefineDynamicAssembly_9)
        METHOD(AppDomain, CreateInstance, , BSTR assembly, BSTR type, ObjectHandle **out)
        METHOD(AppDomain, CreateInstanceFrom, , BSTR file, BSTR type, ObjectHandle **out)
        SLOT(CreateInstance_2)
        SLOT(CreateInstanceFrom_2)
        SLOT(CreateInstance_3)
        SLOT(CreateInstanceFrom_3)
        SLOT(Load)
        METHOD(AppDomain, Load_2, , BSTR name, Assembly **out)
        METHOD(AppDomain, Load_3, , SAFEARRAY *image, Assembly **out)
        SLOT(Load_4)
        SLOT(Load_5)
        SLOT(Load_6)
        SLOT(Load_7)
        SLOT(ExecuteAssembly)
        METHOD(AppDomain, ExecuteAssembly_2, , BSTR file, LONG *out)
        METHOD(AppDomain, ExecuteAssembly_3, , BSTR file, IUnknown *evidence, SAFEARRAY *arguments, LONG *out)
        METHOD(AppDomain, get_FriendlyName, , BSTR *out)
        METHOD(AppDomain, get_BaseDirectory, , BSTR *out)
        METHOD(AppDomain, get_RelativeSearchPath, , BSTR *out)
        METHOD(AppDomain, get_ShadowCopyFiles, , VARIANT_BOOL *out)
        METHOD(AppDomain, GetAssemblies, , SAFEARRAY **out)
        SLOT(AppendPrivatePath)
        SLOT(ClearPrivatePath)
        SLOT(SetShadowCopyPath)
        SLOT(ClearShadowCopyPath)
        SLOT(SetCachePath)
        METHOD(AppDomain, SetData, , BSTR name, VARIANT value)
        METHOD(AppDomain, GetData, , BSTR name, VARIANT *out)
        SLOT(SetAppDomainPolicy)
        SLOT(SetThreadPrincipal)
        SLOT(SetPrincipalPolicy)
        METHOD(AppDomain, DoCallBack, , IUnknown *callback)
        METHOD(AppDomain, get_DynamicDirectory, , BSTR *out)
    } * lpVtbl;
};

struct Assembly
{
    const struct
    {
        OBJECT_METHODS(Assembly)
        METHOD(Assembly, get_CodeBase, , BSTR *out)
        SLOT(get_EscapedCodeBase)
        SLOT(GetName)
        SLOT(GetName_2)
        METHOD(Assembly, get_FullName, , BSTR *out)
        METHOD(Assembly, get_EntryPoint, , MethodInfo **out)
        METHOD(Assembly, GetType_2, , BSTR name, Type **out)
        METHOD(Assembly, GetType_3, , BSTR name, VARIANT_BOOL throws, Type **out)
        METHOD(Assembly, GetExportedTypes, , SAFEARRAY **out)
        METHOD(Assembly, GetTypes, , SAFEARRAY **out)
        SLOT(GetManifestResourceStream)
        SLOT(GetManifestResourceStream_2)
        SLOT(GetFile)
        SLOT(GetFiles)
        SLOT(GetFiles_2)
        METHOD(Assembly, GetManifestResourceNames, , SAFEARRAY **out)
        SLOT(GetManifestResourceInfo)
        METHOD(Assembly, get_Location, , BSTR *out)
        SLOT(get_Evidence)
        SLOT(GetCustomAttributes)
        SLOT(GetCustomAttributes_2)
        SLOT(IsDefined)
        SLOT(GetObjectData)
        SLOT(add_ModuleResolve)
        SLOT(remove_ModuleResolve)
        SLOT(GetType_4)
        SLOT(GetSatelliteAssembly)
        SLOT(GetSatelliteAssembly_2)
        SLOT(LoadModule)
        SLOT(LoadModule_2)
        METHOD(Assembly, CreateInstance, , BSTR type, VARIANT *out)
        METHOD(Assembly, CreateInstance_2, , BSTR type, VARIANT_BOOL ignore_case, VARIANT *out)
        SLOT(CreateInstance_3)
        SLOT(GetLoadedModules)
        SLOT(GetLoadedModules_2)
        SLOT(GetModules)
        SLOT(GetModules_2)
        SLOT(GetModule)
        SLOT(GetReferencedAssemblies)
        METHOD(Assembly, get_GlobalAssemblyCache, , VARIANT_BOOL *out)
    } * lpVtbl;
};

struct MethodInfo
{
    const struct
    {
        MEMBER_METHODS(MethodInfo)
        METHOD(MethodInfo, GetParameters, , SAFEARRAY **out)
        SLOT(GetMethodImplementationFlags)
        SLOT(get_MethodHandle)
        METHOD(MethodInfo, get_Attributes, , LONG *out)
        SLOT(get_CallingConvention)
        METHOD(MethodInfo, Invoke_2, , VARIANT target, LONG flags, IUnknown *binder, SAFEARRAY *arguments,
               IUnknown *culture, VARIANT *out)
        METHOD(MethodInfo, get_IsPublic, , VARIANT_BOOL *out)
        SLOT(get_IsPrivate)
        SLOT(get_IsFamily)
        SLOT(get_IsAssembly)
        SLOT(get_IsFamilyAndAssembly)
        SLOT(get_IsFamilyOrAssembly)
        METHOD(MethodInfo, get_IsStatic, , VARIANT_BOOL *out)
        SLOT(get_IsFinal)
        SLOT(get_IsVirtual)
        SLOT(get_IsHideBySig)
        SLOT(get_IsAbstract)
        SLOT(get_IsSpecialName)
        SLOT(get_IsConstructor)
        METHOD(MethodInfo, Invoke_3, , VARIANT target, SAFEARRAY *arguments, VARIANT *out)
        METHOD(MethodInfo, get_returnType, , Type **out)
    } * lpVtbl;
};

struct Type
{
    const struct
    {
        MEMBER_METHODS(Type)
        METHOD(Type, get_Guid, , GUID *out)
        SLOT(get_Module)
        METHOD(Type, get_Assembly, , Assembly **out)
        SLOT(get_TypeHandle)
        METHOD(Type, get_FullName, , BSTR *out)
        METHOD(Type, get_Namespace, , BSTR *out)
        SLOT(get_AssemblyQualifiedName)
        SLOT(GetArrayRank)
        METHOD(Type, get_BaseType, , Type **out)
        SLOT(GetConstructors)
        SLOT(GetInterface)
        SLOT(GetInterfaces)
        SLOT(FindInterfaces)
        SLOT(GetEvent)
        SLOT(GetEvents)
        SLOT(GetEvents_2)
        SLOT(GetNestedTypes)
        SLOT(GetNestedType)
        SLOT(GetMember)
        SLOT(GetDefaultMembers)
        SLOT(FindMembers)
        SLOT(GetElementType)
        METHOD(Type, IsSubclassOf, , Type *base, VARIANT_BOOL *out)
        SLOT(IsInstanceOfType)
        SLOT(IsAssignableFrom)
        SLOT(GetInterfaceMap)
        SLOT(GetMethod)
        METHOD(Type, GetMethod_2, , BSTR name, LONG flags, MethodInfo **out)
        METHOD(Type, GetMethods, , LONG flags, SAFEARRAY **out)
        SLOT(GetField)
        SLOT(GetFields)
        SLOT(GetProperty)
        SLOT(GetProperty_2)
        SLOT(GetProperties)
        SLOT(GetMember_2)
        SLOT(GetMembers)
        METHOD(Type, InvokeMember, , BSTR name, LONG flags, IUnknown *binder, VARIANT target, SAFEARRAY *arguments,
               SAFEARRAY *modifiers, IUnknown *culture, SAFEARRAY *names, VARIANT *out)
        SLOT(get_UnderlyingSystemType)
        METHOD(Type, InvokeMember_2, , BSTR name, LONG flags, IUnknown *binder, VARIANT target, SAFEARRAY *arguments,
               IUnknown *culture, VARIANT *out)
        METHOD(Type, InvokeMember_3, , BSTR name, LONG flags, IUnknown *binder, VARIANT target, SAFEARRAY *arguments,
               VARIANT *out)
        SLOT(GetConstructor)
        SLOT(GetConstructor_2)
        SLOT(GetConstructor_3)
        SLOT(GetConstructors_2)
        SLOT(get_TypeInitializer)
        SLOT(GetMethod_3)
        SLOT(GetMethod_4)
        SLOT(GetMethod_5)
        METHOD(Type, GetMethod_6, , BSTR name, MethodInfo **out)
        SLOT(GetMethods_2)
        SLOT(GetField_2)
        SLOT(GetFields_2)
        SLOT(GetInterface_2)
        SLOT(GetEvent_2)
        SLOT(GetProperty_3)
        SLOT(GetProperty_4)
        SLOT(GetProperty_5)
        SLOT(GetProperty_6)
        METHOD(Type, GetProperty_7, , BSTR name, PropertyInfo **out)
    } * lpVtbl;
};

struct PropertyInfo
{
    const struct
    {
        MEMBER_METHODS(PropertyInfo)
        METHOD(PropertyInfo, get_PropertyType, , Type **out)
        METHOD(PropertyInfo, GetValue, , VARIANT target, SAFEARRAY *index, VARIANT *out)
        SLOT(GetValue_2)
        METHOD(PropertyInfo, SetValue, , VARIANT target, VARIANT value, SAFEARRAY *index)
    } * lpVtbl;
};

struct ObjectHandle
{
    const struct
    {
        OBJECT_METHODS(ObjectHandle)
        SLOT(GetLifetimeService)
        SLOT(InitializeLifetimeService)
        SLOT(CreateObjRef)
        METHOD(ObjectHandle, Unwrap, , VARIANT *out)
    } * lpVtbl;
};

struct AppDomainSetup
{
    const struct
    {
        UNKNOWN_METHODS(AppDomainSetup)
        METHOD(AppDomainSetup, get_ApplicationBase, , BSTR *out)
        METHOD(AppDomainSetup, put_ApplicationBase, , BSTR value)
        METHOD(AppDomainSetup, get_ApplicationName, , BSTR *out)
        METHOD(AppDomainSetup, put_ApplicationName, , BSTR value)
        SLOT(get_CachePath)
        SLOT(put_CachePath)
        METHOD(AppDomainSetup, get_ConfigurationFile, , BSTR *out)
        METHOD(AppDomainSetup, put_ConfigurationFile, , BSTR value)
        SLOT(get_DynamicBase)
        SLOT(put_DynamicBase)
        SLOT(get_LicenseFile)
        SLOT(put_LicenseFile)
        METHOD(AppDomainSetup, get_PrivateBinPath, , BSTR *out)
        METHOD(AppDomainSetup, put_PrivateBinPath, , BSTR value)
    } * lpVtbl;
};

#undef SLOT
#undef METHOD

#endif
