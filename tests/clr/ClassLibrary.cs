// Uses the class library as programs do, one feature after the other, and prints "NAME: ok" for each, or what went
// wrong. With names as arguments it uses only those.
//
// SPDX-License-Identifier: LGPL-2.1-or-later
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Drawing;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Formatters.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using System.Windows.Forms;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Serialization;

namespace ClrMem.Tests
{
    [Serializable]
    [DataContract]
    public class Order
    {
        [DataMember] public int Number;
        [DataMember] public string Customer;
        [DataMember] public List<decimal> Prices;

        public static Order Sample()
        {
            return new Order { Number = 7, Customer = "Müller & Söhne", Prices = new List<decimal> { 1.5m, 20m } };
        }

        public bool Same(Order other)
        {
            return Number == other.Number && Customer == other.Customer && Prices.SequenceEqual(other.Prices);
        }
    }

    // Lives in another domain; calls reach it through a proxy.
    public class Visitor : MarshalByRefObject
    {
        public string Home()
        {
            return AppDomain.CurrentDomain.FriendlyName;
        }

        public Order Raise(Order order)
        {
            order.Number++;
            return order;
        }
    }

    // Shell links, which every Windows has: created by class identifier, called through its table of methods.
    [ComImport, Guid("000214F9-0000-0000-C000-000000000046"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    interface IShellLink
    {
        void GetPath([Out, MarshalAs(UnmanagedType.LPWStr)] StringBuilder path, int length, IntPtr data, uint flags);
        void GetIDList(out IntPtr list);
        void SetIDList(IntPtr list);
        void GetDescription([Out, MarshalAs(UnmanagedType.LPWStr)] StringBuilder text, int length);
        void SetDescription([MarshalAs(UnmanagedType.LPWStr)] string text);
    }

    [ComImport, Guid("0000010B-0000-0000-C000-000000000046"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
    interface IPersistFile
    {
        void GetClassID(out Guid classId);
        [PreserveSig] int IsDirty();
        void Load([MarshalAs(UnmanagedType.LPWStr)] string file, int mode);
        void Save([MarshalAs(UnmanagedType.LPWStr)] string file, bool remember);
    }

    public static class ClassLibrary
    {
        static string scratch;

        // ---- Numbers and text ----

        static bool RandomNumbers()
        {
            var random = new Random();
            return Enumerable.Range(0, 100).Select(i => random.Next(1000)).Distinct().Count() > 20;
        }

        static bool Guids()
        {
            var guid = Guid.NewGuid();
            return guid != Guid.NewGuid() && Guid.Parse(guid.ToString("B")) == guid && guid.ToByteArray()[7] >> 4 == 4;
        }

        static bool Collections()
        {
            var groups = Enumerable.Range(1, 1000).GroupBy(i => i % 7).ToDictionary(g => g.Key, g => g.Sum());
            var pairs = new HashSet<ValueTuple<int, string>> { ValueTuple.Create(1, "one"), ValueTuple.Create(1, "one") };
            return groups.Values.Sum() == 500500 && pairs.Count == 1 &&
                   BigInteger.Pow(3, 100) % 1000007 == BigInteger.ModPow(3, 100, 1000007);
        }

        static bool RegularExpressions()
        {
            var pattern = new Regex(@"(?<key>\w+)\s*=\s*(?<value>""[^""]*""|\d+)", RegexOptions.Compiled);
            var matches = pattern.Matches("width = 640, title=\"a = b\"");
            return matches.Count == 2 && matches[1].Groups["value"].Value == "\"a = b\"" &&
                   Regex.Replace("2024-11-05", @"(\d+)-(\d+)-(\d+)", "$3.$2.$1") == "05.11.2024";
        }

        static bool Cultures()
        {
            var german = CultureInfo.GetCultureInfo("de-DE");
            var turkish = CultureInfo.GetCultureInfo("tr-TR");
            return 1234567.891.ToString("N2", german) == "1.234.567,89" && "i".ToUpper(turkish) == "\u0130" &&
                   new DateTime(2024, 3, 1).ToString("dddd", german) == "Freitag" &&
                   DateTime.Parse("24.12.2023", german).Month == 12 &&
                   string.Compare("äb", "AZ", true, german) < 0 &&
                   Encoding.GetEncoding(1252).GetBytes("é")[0] == 0xe9;
        }

        static bool TimeZones()
        {
            var berlin = TimeZoneInfo.FindSystemTimeZoneById("W. Europe Standard Time");
            var summer = TimeZoneInfo.ConvertTimeFromUtc(new DateTime(2023, 7, 1, 12, 0, 0, DateTimeKind.Utc), berlin);
            return summer.Hour == 14 && TimeZoneInfo.Local.Id != "" && berlin.SupportsDaylightSavingTime;
        }

        // ---- Files ----

        static bool Files()
        {
            string path = Path.Combine(scratch, "text.txt"), moved = Path.Combine(scratch, "moved.txt");
            File.WriteAllText(path, "first\r\n", Encoding.UTF8);
            File.AppendAllText(path, "zweite ä\r\n", Encoding.UTF8);
            bool read = File.ReadAllLines(path).SequenceEqual(new[] { "first", "zweite ä" });
            using (var stream = new FileStream(path, FileMode.Open))
            {
                stream.Seek(-2, SeekOrigin.End);
                stream.WriteByte((byte)'!');
                stream.SetLength(stream.Length - 1);
            }
            File.Move(path, moved);
            File.SetAttributes(moved, FileAttributes.ReadOnly);
            bool marked = (File.GetAttributes(moved) & FileAttributes.ReadOnly) != 0;
            File.SetAttributes(moved, FileAttributes.Normal);
            bool ended = File.ReadAllText(moved).EndsWith("ä!");
            File.Delete(moved);
            string temporary = Path.GetTempFileName();
            bool there = File.Exists(temporary);
            File.Delete(temporary);
            return read && marked && ended && there && !File.Exists(moved);
        }

        static bool Directories()
        {
            string tree = Path.Combine(scratch, "tree");
            for (int i = 0; i < 3; i++)
            {
                Directory.CreateDirectory(Path.Combine(tree, "a" + i, "b"));
                File.WriteAllText(Path.Combine(tree, "a" + i, "b", "leaf.txt"), "x");
            }
            int leaves = Directory.EnumerateFiles(tree, "*.txt", SearchOption.AllDirectories).Count();
            int branches = Directory.GetDirectories(tree).Length;
            Directory.Move(Path.Combine(tree, "a0"), Path.Combine(tree, "c"));
            bool moved = Directory.Exists(Path.Combine(tree, "c", "b"));
            Directory.Delete(tree, true);
            bool missing = false;
            try { Directory.GetFiles(tree); }
            catch (DirectoryNotFoundException) { missing = true; }
            return leaves == 3 && branches == 3 && moved && missing;
        }

        static bool Compression()
        {
            byte[] text = Encoding.UTF8.GetBytes(new string('c', 100000));
            var packed = new MemoryStream();
            using (var zip = new GZipStream(packed, CompressionMode.Compress, true)) zip.Write(text, 0, text.Length);
            packed.Position = 0;
            var unpacked = new MemoryStream();
            using (var zip = new GZipStream(packed, CompressionMode.Decompress)) zip.CopyTo(unpacked);
            return packed.ToArray().Length < 1000 && unpacked.ToArray().SequenceEqual(text);
        }

        // ---- Threads ----

        static bool Threads()
        {
            int sum = 0, turn = 0;
            var own = new ThreadLocal<int>();
            var gate = new object();
            var threads = Enumerable.Range(0, 8).Select(i => new Thread(() =>
            {
                for (int n = 0; n < 1000; n++) own.Value++;
                Interlocked.Add(ref sum, own.Value);
                lock (gate)
                {
                    while (turn != i) Monitor.Wait(gate);
                    turn++;
                    Monitor.PulseAll(gate);
                }
            })).ToList();
            threads.ForEach(t => t.Start());
            return threads.All(t => t.Join(20000)) && sum == 8000 && turn == 8;
        }

        static bool Pool()
        {
            int sum = 0;
            using (var done = new CountdownEvent(200))
            {
                for (int i = 1; i <= 200; i++)
                    ThreadPool.QueueUserWorkItem(n => { Interlocked.Add(ref sum, (int)n); done.Signal(); }, i);
                return done.Wait(20000) && sum == 20100;
            }
        }

        static async Task<int> Fall(int from)
        {
            await Task.Delay(1);
            if (from == 0) throw new InvalidOperationException("ground");
            return 1 + await Fall(from - 1);
        }

        static bool Tasks()
        {
            int[] squares = Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => i * i))).Result;
            long total = 0;
            Parallel.For(0, 1000, i => Interlocked.Add(ref total, i));
            bool fell = false;
            try { Fall(5).GetAwaiter().GetResult(); }
            catch (InvalidOperationException e) { fell = e.Message == "ground"; }
            var cancel = new CancellationTokenSource(10);
            bool cancelled = false;
            try { Task.Delay(20000, cancel.Token).Wait(); }
            catch (AggregateException e) { cancelled = e.InnerException is TaskCanceledException; }
            return squares.Sum() == 2470 && total == 499500 && fell && cancelled;
        }

        static bool Timers()
        {
            using (var ticks = new CountdownEvent(3))
            using (var rings = new ManualResetEvent(false))
            using (new System.Threading.Timer(state => { if (!ticks.IsSet) ticks.Signal(); }, null, 10, 10))
            using (var clock = new System.Timers.Timer(10) { AutoReset = false })
            {
                clock.Elapsed += (sender, e) => rings.Set();
                clock.Start();
                return ticks.Wait(20000) && rings.WaitOne(20000);
            }
        }

        // ---- Beyond the process ----

        static bool Sockets()
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var server = Task.Run(() =>
            {
                using (var peer = listener.AcceptTcpClient())
                using (var reader = new StreamReader(peer.GetStream()))
                using (var writer = new StreamWriter(peer.GetStream()))
                    writer.WriteLine(reader.ReadLine().ToUpperInvariant());
            });
            string answer;
            using (var client = new TcpClient())
            {
                client.Connect(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port);
                using (var writer = new StreamWriter(client.GetStream()) { AutoFlush = true })
                using (var reader = new StreamReader(client.GetStream()))
                {
                    writer.WriteLine("hello");
                    answer = reader.ReadLine();
                }
            }
            listener.Stop();
            return server.Wait(20000) && answer == "HELLO" && Datagram() == "datagram";
        }

        static string Datagram()
        {
            using (var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)))
            using (var sender = new UdpClient())
            {
                byte[] sent = Encoding.ASCII.GetBytes("datagram");
                receiver.Client.ReceiveTimeout = 20000;
                sender.Send(sent, sent.Length, (IPEndPoint)receiver.Client.LocalEndPoint);
                var from = new IPEndPoint(IPAddress.Any, 0);
                return Encoding.ASCII.GetString(receiver.Receive(ref from));
            }
        }

        static bool Processes()
        {
            var start = new ProcessStartInfo(typeof(ClassLibrary).Assembly.Location, "child \"two words\"")
            {
                UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
                RedirectStandardError = true
            };
            start.EnvironmentVariables["CLRMEM_TEST_WORD"] = "inherited";
            using (var process = Process.Start(start))
            {
                var errors = process.StandardError.ReadToEndAsync();
                process.StandardInput.WriteLine("input");
                process.StandardInput.Close();
                string output = process.StandardOutput.ReadToEnd();
                return process.WaitForExit(60000) && process.ExitCode == 23 &&
                       output.Trim() == "two words input inherited" && errors.Result.Trim() == "an error";
            }
        }

        static int Child(string word)
        {
            Console.WriteLine("{0} {1} {2}", word, Console.ReadLine(), Environment.GetEnvironmentVariable("CLRMEM_TEST_WORD"));
            Console.Error.WriteLine("an error");
            return 23;
        }

        static bool ComObject()
        {
            string file = Path.Combine(scratch, "note.lnk");
            var type = Type.GetTypeFromCLSID(new Guid("00021401-0000-0000-C000-000000000046"));
            object link = Activator.CreateInstance(type), read = Activator.CreateInstance(type);
            ((IShellLink)link).SetDescription("made by a managed program");
            ((IPersistFile)link).Save(file, true);
            ((IPersistFile)read).Load(file, 0);
            var text = new StringBuilder(100);
            ((IShellLink)read).GetDescription(text, text.Capacity);
            bool refused = false;
            try { ((IPersistFile)read).Load(file + ".missing", 0); }
            catch (Exception) { refused = true; }
            return text.ToString() == "made by a managed program" && refused &&
                   Marshal.ReleaseComObject(link) == 0 && Marshal.ReleaseComObject(read) == 0;
        }

        // ---- Cryptography ----

        static bool Hashes()
        {
            byte[] abc = Encoding.ASCII.GetBytes("abc");
            using (var hash = SHA256.Create())
            using (var mac = new HMACSHA256(abc))
                return BitConverter.ToString(hash.ComputeHash(abc)).StartsWith("BA-78-16-BF-8F-01-CF-EA") &&
                       mac.ComputeHash(abc).Length == 32;
        }

        static bool RandomBytes()
        {
            byte[] one = new byte[64], two = new byte[64];
            using (var random = RandomNumberGenerator.Create())
            {
                random.GetBytes(one);
                random.GetBytes(two);
            }
            return !one.SequenceEqual(two) && one.Distinct().Count() > 20;
        }

        static bool Ciphers()
        {
            byte[] plain = Encoding.UTF8.GetBytes("sixteen bytes and more");
            using (var aes = Aes.Create())
            using (var rsa = new RSACryptoServiceProvider(1024))
            {
                byte[] hidden = aes.CreateEncryptor().TransformFinalBlock(plain, 0, plain.Length);
                byte[] shown = aes.CreateDecryptor().TransformFinalBlock(hidden, 0, hidden.Length);
                byte[] signature = rsa.SignData(plain, new SHA1CryptoServiceProvider());
                return hidden.Length == 32 && shown.SequenceEqual(plain) &&
                       rsa.VerifyData(plain, new SHA1CryptoServiceProvider(), signature);
            }
        }

        // ---- Data ----

        static bool XmlDocuments()
        {
            var document = new XmlDocument();
            document.LoadXml("<shelf><book price='12'>One</book><book price='30'>Two</book></shelf>");
            var text = new StringBuilder();
            using (var writer = XmlWriter.Create(text)) document.WriteTo(writer);
            var dear = XDocument.Parse(text.ToString()).Root.Elements("book").Single(b => (int)b.Attribute("price") > 20);
            return document.SelectSingleNode("//book[@price<20]").InnerText == "One" && dear.Value == "Two";
        }

        static bool Serialization()
        {
            var order = Order.Sample();
            var stream = new MemoryStream();
            new BinaryFormatter().Serialize(stream, order);
            stream.Position = 0;
            var binary = (Order)new BinaryFormatter().Deserialize(stream);
            var text = new StringWriter();
            new XmlSerializer(typeof(Order)).Serialize(text, order);
            var xml = (Order)new XmlSerializer(typeof(Order)).Deserialize(new StringReader(text.ToString()));
            stream = new MemoryStream();
            new DataContractSerializer(typeof(Order)).WriteObject(stream, order);
            stream.Position = 0;
            var contract = (Order)new DataContractSerializer(typeof(Order)).ReadObject(stream);
            return order.Same(binary) && order.Same(xml) && order.Same(contract);
        }

        // ---- The runtime itself ----

        static bool Emit()
        {
            var square = new DynamicMethod("Square", typeof(int), new[] { typeof(int) });
            Multiply(square.GetILGenerator(), OpCodes.Ldarg_0);
            var assembly = AppDomain.CurrentDomain.DefineDynamicAssembly(new AssemblyName("Made"),
                                                                         AssemblyBuilderAccess.RunAndSave, scratch);
            var type = assembly.DefineDynamicModule("Made", "Made.dll").DefineType("Maker", TypeAttributes.Public);
            var method = type.DefineMethod("Square", MethodAttributes.Public | MethodAttributes.Static, typeof(int),
                                           new[] { typeof(int) });
            Multiply(method.GetILGenerator(), OpCodes.Ldarg_0);
            type.CreateType();
            assembly.Save("Made.dll");
            var saved = Assembly.Load(File.ReadAllBytes(Path.Combine(scratch, "Made.dll"))).GetType("Maker");
            return ((Func<int, int>)square.CreateDelegate(typeof(Func<int, int>)))(12) == 144 &&
                   (int)saved.GetMethod("Square").Invoke(null, new object[] { 9 }) == 81;
        }

        static void Multiply(ILGenerator il, OpCode load)
        {
            il.Emit(load);
            il.Emit(load);
            il.Emit(OpCodes.Mul);
            il.Emit(OpCodes.Ret);
        }

        static bool Domains()
        {
            for (int i = 0; i < 3; i++)
            {
                var domain = AppDomain.CreateDomain("guest " + i);
                var visitor = (Visitor)domain.CreateInstanceAndUnwrap(typeof(Visitor).Assembly.FullName,
                                                                      typeof(Visitor).FullName);
                domain.SetData("key", "value");
                if (visitor.Home() != "guest " + i || visitor.Raise(Order.Sample()).Number != 8 ||
                    (string)domain.GetData("key") != "value")
                    return false;
                AppDomain.Unload(domain);
                try { visitor.Home(); return false; }
                catch (AppDomainUnloadedException) { }
            }
            return AppDomain.CurrentDomain.IsDefaultAppDomain();
        }

        static bool Window()
        {
            string steps = "";
            using (var form = new Form { Text = "clrmem", ClientSize = new Size(200, 100) })
            using (var timer = new System.Windows.Forms.Timer { Interval = 50 })
            {
                var button = new Button { Text = "Press", Location = new Point(10, 10) };
                var box = new TextBox { Text = "typed", Location = new Point(10, 50) };
                form.Controls.AddRange(new Control[] { button, box });
                button.Click += (sender, e) => steps += "click ";
                form.Shown += (sender, e) => { steps += "shown "; timer.Start(); };
                form.Paint += (sender, e) =>
                {
                    e.Graphics.FillRectangle(Brushes.Red, 150, 50, 20, 20);
                    if (!steps.Contains("paint")) steps += "paint ";
                };
                timer.Tick += (sender, e) =>
                {
                    timer.Stop();
                    button.PerformClick();
                    using (var picture = new Bitmap(200, 100))
                    {
                        form.DrawToBitmap(picture, new Rectangle(0, 0, 200, 100));
                    }
                    form.Close();
                };
                form.FormClosed += (sender, e) => steps += "closed";
                Application.Run(form);
            }
            return steps.Contains("shown ") && steps.Contains("paint ") && steps.EndsWith("click closed");
        }

        // ---- The run ----

        static readonly Dictionary<string, Func<bool>> features = new Dictionary<string, Func<bool>>
        {
            { "random numbers", RandomNumbers }, { "GUIDs", Guids }, { "collections", Collections },
            { "regular expressions", RegularExpressions }, { "cultures", Cultures }, { "time zones", TimeZones },
            { "files", Files }, { "directories", Directories }, { "compression", Compression },
            { "threads", Threads }, { "thread pool", Pool }, { "tasks", Tasks }, { "timers", Timers },
            { "sockets", Sockets }, { "processes", Processes }, { "COM object", ComObject },
            { "hashes", Hashes }, { "random bytes", RandomBytes }, { "ciphers", Ciphers },
            { "XML", XmlDocuments }, { "serialization", Serialization }, { "reflection emit", Emit },
            { "domains", Domains }, { "window", Window }
        };

        static bool Try(string name)
        {
            try
            {
                bool works = features[name]();
                Console.WriteLine("{0}: {1}", name, works ? "ok" : "wrong result");
                return works;
            }
            catch (Exception e)
            {
                Console.WriteLine("{0}: {1}", name, e);
                return false;
            }
        }

        [STAThread]
        static int Main(string[] args)
        {
            if (args.Length > 1 && args[0] == "child") return Child(args[1]);
            scratch = Path.Combine(Path.GetTempPath(), "clrmem-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(scratch);
            int failed = (args.Length > 0 ? args : features.Keys.ToArray()).Count(name => !Try(name));
            Directory.Delete(scratch, true);
            return failed;
        }
    }
}
