using System.CommandLine;
using Laurel.Identity.Sms;
using Laurel.Server.Hosting;
using Laurel.Server.Logging;
using Laurel.Server.Messaging;
using Laurel.Server.Tracing;

namespace Laurel.Server.Verbs;

/// <summary><c>serve</c>, and what is done without a verb: the API, its documentation page and the sweep.</summary>
internal static class ServeVerb
{
    /// <summary>The exit code after the disk under the database failed: whoever supervises the process starts it anew.</summary>
    private const int DiskFailedCode = 3;

    public static Command Create()
    {
        var command = new Command("serve", "Serves the API (the default).");
        command.SetAction(RunAsync);
        return command;
    }

    public static Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        VerbOptions.RunAsync(parsed, settings => ServeAsync(settings, cancellationToken));

    private static async Task<int> ServeAsync(LaurelSettings settings, CancellationToken cancellationToken)
    {
        using var loggers = LoggerFactory.Create(logging => LogSetup.ConfigureLogging(logging, settings));
        using var traces = TraceExport.Start();
        await using var node = await LaurelNode.OpenAsync(settings, "serve", TimeProvider.System, loggers, cancellationToken);
        await using var app = WebHost.Build(node, settings, node.Clock);
        await app.StartAsync(cancellationToken);
        Announce(app, node, settings);
        await using var failing = node.Lanes.DiskFailed.Register(app.Lifetime.StopApplication);
        await app.WaitForShutdownAsync(cancellationToken);
        return node.Lanes.DiskFailed.IsCancellationRequested ? DiskFailedCode : 0;
    }

    private static void Announce(WebApplication app, LaurelNode node, LaurelSettings settings)
    {
        var address = app.Urls.First();
        Console.WriteLine($"Laurel is ready.");
        if (settings.Roles.HasFlag(NodeRoles.Api))
        {
            Console.WriteLine($"  API            {address}/api");
            Console.WriteLine($"  Documentation  {address}/docs");
        }
        else
        {
            Console.WriteLine($"  Health         {address}/health");
        }

        Console.WriteLine(settings.Database switch
        {
            DatabaseKind.Sqlite => $"  Data           {settings.SqliteFile}",
            DatabaseKind.Postgres => $"  Data           PostgreSQL, keys in {settings.DataFolder}",
            DatabaseKind.Mysql => $"  Data           MySQL, keys in {settings.DataFolder}",
        });
        if (settings.Providers.Sms is { Provider: SmsProvider.Log })
        {
            Console.WriteLine("  SMS            NOT SENT: codes are written into the log (Sms:Provider=log). For development only.");
        }

        if (node.NewAdministratorKey is { } key)
        {
            Console.WriteLine($"  API key        {key}");
            Console.WriteLine("                 Shown only now: it is stored as a hash. Set LAUREL_ADMIN_KEY to choose your own.");
        }
    }
}
