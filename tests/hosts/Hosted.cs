// What the hosts of this folder run. SPDX-License-Identifier: LGPL-2.1-or-later
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

// A type without a namespace, and one that cannot be initialized.
public static class Bare
{
    public static int Run(string argument)
    {
        return 11;
    }
}

public static class Broken
{
    static readonly int value = Fail();

    static int Fail()
    {
        throw new InvalidOperationException("on purpose");
    }

    public static int Run(string argument)
    {
        return value;
    }
}

namespace ClrMem.Hosts
{
    public class OddException : Exception
    {
        public OddException(int result)
        {
            HResult = result;
        }
    }

    public class Parent
    {
        public static int Inherited(string argument)
        {
            return 12;
        }
    }

    public class Hosted : Parent
    {
        // The argument as it arrived.
        public static int Length(string text)
        {
            return text == null ? -1 : text.Length;
        }

        public static int Print(string text)
        {
            Console.WriteLine("managed: " + text);
            return text.Length;
        }

        static int Private(string argument)
        {
            return 13;
        }

        // Overloads: only the first is what ExecuteInDefaultAppDomain looks for.
        public static int Pick(string argument)
        {
            return 1;
        }

        public static int Pick(object argument)
        {
            return 2;
        }

        public static int Pick(string argument, int other)
        {
            return 3;
        }

        // Not what it looks for.
        public static string Text(string argument)
        {
            return argument;
        }

        public static int Nothing()
        {
            return 0;
        }

        public int Instance(string argument)
        {
            return 0;
        }

        static readonly string missing = null;

        public static int Throw(string what)
        {
            switch (what)
            {
                case "invalid operation": throw new InvalidOperationException(what);
                case "argument": throw new ArgumentException(what);
                case "not supported": throw new NotSupportedException(what);
                case "plain": throw new Exception(what);
                case "odd": throw new OddException(unchecked((int)0x80040123));
                case "success": throw new OddException(1);
                case "null": return missing.Length;
                default: return 0;
            }
        }

        // Keeps what it allocates, in arrays of four megabytes.
        static readonly List<byte[]> kept = new List<byte[]>();

        public static int Keep(string arrays)
        {
            int count = 0;
            try
            {
                for (; count < int.Parse(arrays); count++)
                    kept.Add(new byte[4 << 20]);
            }
            catch (OutOfMemoryException)
            {
                Console.WriteLine("managed: out of memory");
            }
            return count;
        }

        // Garbage, and collections of it.
        public static int Churn(string rounds)
        {
            int before = GC.CollectionCount(GC.MaxGeneration);

            for (int round = 0; round < int.Parse(rounds); round++)
            {
                var texts = new List<string>();
                for (int i = 0; i < 10000; i++)
                    texts.Add(i.ToString());
                GC.Collect();
            }
            return GC.CollectionCount(GC.MaxGeneration) - before >= int.Parse(rounds) ? 1 : 0;
        }

        public static int DomainId(string argument)
        {
            return AppDomain.CurrentDomain.Id;
        }

        // How far an AppDomain's identifier is from the default domain's.
        public static int NewDomain(string name)
        {
            return AppDomain.CreateDomain(name).Id - AppDomain.CurrentDomain.Id;
        }
    }

    // For ClrCreateManagedInstance.
    [ComVisible(true), Guid("5f3c7c3a-6a55-4c1c-9b7e-6f1f0c1d2e3f"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    public interface ICounter
    {
        int Next();
    }

    [ComVisible(true), ClassInterface(ClassInterfaceType.None)]
    public class Counter : ICounter
    {
        int count = 40;

        public int Next()
        {
            return ++count;
        }
    }

    public class Program
    {
        [DllImport("mscoree.dll", CharSet = CharSet.Unicode)]
        static extern int GetCORVersion([MarshalAs(UnmanagedType.LPWStr)] System.Text.StringBuilder buffer, int size,
                                        out int length);

        [DllImport("mscoree.dll", CharSet = CharSet.Unicode)]
        static extern int GetVersionFromProcess(IntPtr process, System.Text.StringBuilder buffer, int size, out int length);

        [DllImport("kernel32.dll")]
        static extern IntPtr GetCurrentProcess();

        // A managed program, hosted by nothing but Windows, asks what it runs on.
        public static int Main()
        {
            var buffer = new System.Text.StringBuilder(64);
            int length;
            int result = GetCORVersion(buffer, buffer.Capacity, out length);

            Console.WriteLine("GetCORVersion: 0x{0:x8} {1} {2}", result, buffer, length);
            result = GetVersionFromProcess(GetCurrentProcess(), buffer, buffer.Capacity, out length);
            Console.WriteLine("GetVersionFromProcess: 0x{0:x8} {1} {2}", result, buffer, length);
            return 9;
        }
    }
}
