// What the hosts that load assemblies and make AppDomains run. SPDX-License-Identifier: LGPL-2.1-or-later
using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;

namespace ClrMem.Hosts
{
    [Guid("7a2b36c9-6c1f-4f0e-9a53-0d4f6b6f1a01")]
    [InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    [ComVisible(true)]
    public interface IManager
    {
        int Run([MarshalAs(UnmanagedType.LPWStr)] string text);
        int GetDomain();
    }

    [ComVisible(true)]
    public class Manager : AppDomainManager, IManager
    {
        string setup = "none";

        public Manager()
        {
            Console.WriteLine("manager: created in domain {0}", AppDomain.CurrentDomain.IsDefaultAppDomain() ? "default" :
                AppDomain.CurrentDomain.FriendlyName);
        }

        public override void InitializeNewDomain(AppDomainSetup appDomainInfo)
        {
            setup = appDomainInfo == null ? "null" : "setup";
            Console.WriteLine("manager: InitializeNewDomain, {0}", setup);
            InitializationFlags = AppDomainManagerInitializationOptions.RegisterWithHost;
        }

        public int Run(string text)
        {
            Console.WriteLine("manager: Run({0}), DomainManager is {1}", text,
                AppDomain.CurrentDomain.DomainManager == this ? "this" : "another");
            return text.Length;
        }

        public int GetDomain()
        {
            return AppDomain.CurrentDomain.IsDefaultAppDomain() ? 1 : 2;
        }
    }

    // Not an AppDomainManager.
    public class NoManager
    {
    }

    public class Target
    {
        public string Name { get; set; }
        public static int Calls;

        public Target()
        {
            Name = "unnamed";
        }

        public static string Join(string text, int number, bool truth, double real)
        {
            return string.Format("{0}|{1}|{2}|{3}", text, number, truth, real.ToString("0.00"));
        }

        public static int Count(string[] texts)
        {
            return texts.Length;
        }

        public static int Sum(byte[] bytes)
        {
            int sum = 0;
            foreach (byte b in bytes) sum += b;
            return sum;
        }

        public static object Echo(object value)
        {
            return value;
        }

        public static string TypeOf(object value)
        {
            return value == null ? "null" : value.GetType().ToString();
        }

        public static string[] Texts()
        {
            return new string[] { "one", "two", "three" };
        }

        public static int Fail()
        {
            throw new InvalidOperationException("on purpose");
        }

        public string Greet(string other)
        {
            return Name + " greets " + other;
        }

        public override string ToString()
        {
            return "Target " + Name;
        }
    }

    public static class Program
    {
        // For ExecuteInDefaultAppDomain.
        public static int Domain(string name)
        {
            AppDomain domain = AppDomain.CreateDomain(name);
            AppDomain.Unload(domain);
            return 5;
        }

        // More than there is address space for.
        public static int Fail(string argument)
        {
            try
            {
                return new byte[int.MaxValue, 131072].Rank;
            }
            catch (OutOfMemoryException)
            {
                return 6;
            }
        }

        // What only the host has: this assembly, asked for by another name.
        public static int LoadHidden(string argument)
        {
            Assembly assembly = Assembly.Load("hidden, Version=0.0.0.0, Culture=neutral, PublicKeyToken=null");
            return assembly.GetType("ClrMem.Hosts.Target") != null ? 1 : 0;
        }

        public static int Collect(string argument)
        {
            for (int i = 0; i < 3; i++) GC.Collect();
            return 3;
        }

        public static int Main(string[] arguments)
        {
            // Keeps an unload waiting.
            if (arguments.Length == 1)
                AppDomain.CurrentDomain.DomainUnload += (sender, data) => Thread.Sleep(2000);
            Console.WriteLine("Main: {0} arguments: {1}", arguments.Length, string.Join(",", arguments));
            return 40 + arguments.Length;
        }
    }
}
