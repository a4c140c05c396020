using System.CommandLine;
using System.Globalization;
using System.Text;
using Laurel.Server.Imports;

namespace Laurel.Server.Verbs;

/// <summary>What imports have in common on the command line.</summary>
internal static class ImportConsole
{
    private const int ExitStopped = 1;
    private const int ExitUnusable = 2;
    private const int ExitRejected = 3;
    private const int ExitInterrupted = 130;

    public static Option<string> EncodingOption() => new("--encoding")
    {
        Description = "utf-8 or gb18030. A byte order mark in the file decides before this.",
        DefaultValueFactory = _ => "utf-8",
    };

    public static Option<string?> ErrorsOption() =>
        new("--errors") { Description = "The report of rejected rows (default FILE.csv.errors.csv, beside the file)." };

    /// <summary>Runs an import and says what broke it off.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> import)
    {
        try
        {
            return await import();
        }
        catch (IOException exception) when (exception is not FileNotFoundException)
        {
            return Unusable(exception.Message);
        }
        catch (ImportStoppedException exception)
        {
            Unusable(exception.Message);
            return ExitStopped;
        }
        catch (OperationCanceledException)
        {
            Unusable("Interrupted. Run the same command again: it goes on where it stopped.");
            return ExitInterrupted;
        }
    }

    /// <summary>Ends the summary.</summary>
    /// <returns>The exit code.</returns>
    public static int Close(ErrorReport report, string errors, string rate, long count, TimeSpan elapsed)
    {
        var seconds = Math.Max(elapsed.TotalSeconds, 0.001);
        Tell("rejected", report.RowsRejected);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"seconds",-16}{seconds:F1}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rate,-16}{(count / seconds):F0}"));
        if (report.RowsRejected > 0)
        {
            Console.WriteLine($"The rejected rows are in {errors}");
        }

        return report.RowsRejected == 0 ? 0 : ExitRejected;
    }

    public static void Tell(string name, long count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{count}"));

    public static int Unusable(string mistake)
    {
        Console.Error.WriteLine("laurel: " + mistake);
        return ExitUnusable;
    }

    public static Encoding? EncodingOf(string name) => name.ToLowerInvariant() switch
    {
        "utf-8" or "utf8" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false),
        // The decoder's own mark for what it cannot read is a question mark, which a row may well hold.
        "gb18030" or "gbk" or "gb2312" => CodePagesEncodingProvider.Instance.GetEncoding(
            "gb18030",
            EncoderFallback.ExceptionFallback,
            new DecoderReplacementFallback("\uFFFD")),
        _ => null,
    };
}
