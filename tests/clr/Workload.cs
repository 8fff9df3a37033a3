// A managed program that asks its runtime for memory in every way: small objects, large
// arrays, strings, generated code. It is both a program and what hosts call into.
//
// SPDX-License-Identifier: LGPL-2.1-or-later
using System;
using System.Collections.Generic;

namespace ClrMem.Tests
{
    public class Node
    {
        public Node Left, Right;

        public static Node Tree(int depth)
        {
            if (depth == 0) return new Node();
            return new Node { Left = Tree(depth - 1), Right = Tree(depth - 1) };
        }

        public int Count()
        {
            return Left == null ? 1 : 1 + Left.Count() + Right.Count();
        }
    }

    public static class Workload
    {
        static long Trees(int rounds)
        {
            long nodes = 0;
            for (int i = 0; i < rounds; i++) nodes += Node.Tree(14).Count();
            return nodes;
        }

        static long LargeArrays(int rounds)
        {
            long sum = 0;
            for (int i = 0; i < rounds; i++)
            {
                byte[] block = new byte[4 << 20];
                for (int at = 0; at < block.Length; at += 4096) block[at] = (byte)(i + 1);
                foreach (byte value in block) sum += value;
            }
            return sum;
        }

        static long Strings(int count)
        {
            var words = new Dictionary<string, int>();
            for (int i = 0; i < count; i++) words["word " + i % 5000 + " of " + count] = i;
            long sum = 0;
            foreach (var pair in words) sum += pair.Key.Length + pair.Value;
            return sum;
        }

        // scale: how many times the whole work is done; gives a number that depends on every part of it.
        public static long Work(int scale)
        {
            long result = 0;
            for (int i = 0; i < scale; i++) result += Trees(8) + LargeArrays(12) + Strings(50000);
            GC.Collect();
            return result;
        }

        // Called by hosts through ExecuteInDefaultAppDomain; returns 7 where all went well.
        public static int Run(string scale)
        {
            Console.WriteLine("workload: " + Work(int.Parse(scale)));
            return 7;
        }

        // How many collections of the oldest generation there have been.
        public static int Collections(string unused)
        {
            return GC.CollectionCount(GC.MaxGeneration);
        }

        // Asks for an array of so many bytes; 1 if it came, 2 for an OutOfMemoryException.
        public static int Large(string bytes)
        {
            try
            {
                return new byte[int.Parse(bytes)].Length > 0 ? 1 : 3;
            }
            catch (OutOfMemoryException)
            {
                return 2;
            }
        }

        // Keeps large arrays until there is no more to be had; how many bytes that were.
        static long Fill()
        {
            var kept = new List<byte[]>();
            try
            {
                for (;;) kept.Add(new byte[4 << 20]);
            }
            catch (OutOfMemoryException)
            {
                return kept.Count * (4L << 20);
            }
        }

        public static int Main(string[] args)
        {
            int scale = 1;
            if (args.Length == 1 && args[0] == "fill")
            {
                Console.WriteLine("filled: " + Fill());
                return 5;
            }
            if (args.Length > 1 || (args.Length == 1 && !int.TryParse(args[0], out scale)))
            {
                Console.Error.WriteLine("usage: workload [SCALE | fill]; SCALE is a whole number");
                return 2;
            }
            var watch = Environment.TickCount;
            Console.WriteLine("workload: " + Work(scale));
            Console.WriteLine("milliseconds: " + (Environment.TickCount - watch));
            return 7;
        }
    }
}
