using System.Diagnostics;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Openings;

/// <summary>The program that reads journals.</summary>
internal static class Hledger
{
    public static bool IsHere
    {
        get
        {
            var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "hledger")));
            (found || Environment.GetEnvironmentVariable("LAUREL_REQUIRE_SERVERS") != "1").ShouldBeTrue("LAUREL_REQUIRE_SERVERS=1 asks for hledger (Debian package hledger).");
            return found;
        }
    }

    /// <summary>Runs it to a good end and gives what it wrote.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("hledger", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };

        // In the C locale hledger cannot read what is not ASCII.
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, await error);
        return await output;
    }
}
