using Laurel.Server.Hosting;
using Serilog;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Json;

namespace Laurel.Server.Logging;

/// <summary>How the log looks on the console.</summary>
public enum LogFormat
{
    /// <summary>Text on a terminal, JSON where a program reads.</summary>
    Auto,

    Json,

    Text,
}

/// <summary>Where the log goes: the console and, when asked for, files.</summary>
internal static class LogSetup
{
    /// <summary>Of one file; past it the same day goes on in another.</summary>
    private const long FileBytesMax = 256L * 1024 * 1024;

    public static void ConfigureLogging(ILoggingBuilder logging, LaurelSettings settings)
    {
        var operations = settings.Operations;
        logging.SetMinimumLevel(operations.LogLevel);

        // The frameworks tell of every request and its path, which may name a member; of them only what is wrong is kept.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);

        // It tells of requests only; as long as it may tell anything at all, each request pays for a span and a scope of the log.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("Npgsql", LogLevel.Warning);
        if (operations.LogFormat == LogFormat.Text || (operations.LogFormat == LogFormat.Auto && !Console.IsOutputRedirected))
        {
            logging.AddSimpleConsole(options => (options.SingleLine, options.TimestampFormat, options.UseUtcTimestamp) = (true, "HH:mm:ss.fff ", true));
        }
        else
        {
            logging.AddJsonConsole(options => options.UseUtcTimestamp = true);
        }

        if (operations.LogFiles)
        {
            // Not AddSerilog, which lifts the filters above for its own provider.
            logging.AddProvider(new SerilogLoggerProvider(OpenFiles(settings), dispose: true));
        }
    }

    /// <summary>One file a day, <c>laurel-20260131.json</c>, one JSON object a line; files past their time are removed.</summary>
    private static Serilog.Core.Logger OpenFiles(LaurelSettings settings) => new LoggerConfiguration()
        .MinimumLevel.Verbose()
        .Enrich.FromLogContext()
        .WriteTo.File(
            new JsonFormatter(renderMessage: true),
            Path.Combine(settings.DataFolder, "logs", "laurel-.json"),
            fileSizeLimitBytes: FileBytesMax,
            rollingInterval: RollingInterval.Day,
            rollOnFileSizeLimit: true,
            retainedFileCountLimit: null,
            retainedFileTimeLimit: TimeSpan.FromDays(settings.Operations.LogDays))
        .CreateLogger();
}
