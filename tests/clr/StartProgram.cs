// Starts a program by Process.Start and ends with its exit code. Arguments: "shell" or "direct", the program, its
// arguments. SPDX-License-Identifier: LGPL-2.1-or-later
using System;
using System.Diagnostics;

static class StartProgram
{
    static int Main(string[] arguments)
    {
        var start = new ProcessStartInfo(arguments[1], string.Join(" ", arguments, 2, arguments.Length - 2));

        start.UseShellExecute = arguments[0] == "shell";
        using (var process = Process.Start(start))
        {
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}
