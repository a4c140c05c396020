using System.CommandLine;
using System.Text.Json;
using Laurel.Bench.Load;
using Laurel.Bench.Measures;
using Laurel.Bench.Servers;
using Spectre.Console;

namespace Laurel.Bench;

/// <summary>The verbs: <c>throughput</c>, <c>cluster</c>, <c>import</c>, <c>start</c>, <c>restore</c>,
/// <c>capacity</c>, <c>economy</c>, <c>access</c>, <c>search</c>, <c>expressions</c>, <c>graphql</c>, and those that this program starts itself
/// with.</summary>
internal static class BenchCommands
{
    private const string OrdersVariable = "LAUREL_CDNOW";
    private const int RedirectedWidth = 180;
    private const int Succeeded = 0;
    private const int Failed = 1;

    private static readonly Option<FileInfo?> s_json = new("--json") { Description = "File for the report." };
    private static readonly Option<bool> s_quick = new("--quick")
    {
        Description = "Short times and few members: proves that everything works, not how fast it is.",
    };

    private static readonly Option<int> s_rounds = new("--rounds")
    {
        Description = $"Rounds over all contenders; 1 with --quick, else {ThroughputSettings.RoundsDefault}.",
    };

    private static readonly Option<string?> s_only = new("--only")
    {
        Description = "Measures or contenders, with commas between.",
    };

    private static readonly Option<FileInfo?> s_server = new("--server")
    {
        Description = "The server's assembly; default is this repository's Release build, made when it is missing.",
    };

    private static readonly Option<DirectoryInfo?> s_work = new("--work")
    {
        Description = "Folder for databases, on the disk to measure; default is the folder for temporary files.",
    };

    private static readonly Option<FileInfo?> s_orders = new("--file")
    {
        Description = $"CDNOW's orders.csv; default is ${OrdersVariable}, else ../shared/data/cdnow of the repository.",
    };

    public static RootCommand Root()
    {
        var root = new RootCommand("Measures Laurel beside what else could be done on the same machine.")
        {
            Throughput(), Cluster(), Import(), Start(), Restore(), Capacity(), Economy(), Access(), Search(), Expressions(), GraphQL(), Load(), Echo(), Check(),
        };
        return root;
    }

    private static Command Throughput()
    {
        var command = new Command("throughput", "Writes, reads, latencies, overload and memory of a server under load.")
        {
            s_json, s_quick, s_rounds, s_only, s_server, s_work,
        };
        command.SetAction((parsed, cancellationToken) => ReportAsync(
            parsed,
            progress => ThroughputBench.RunAsync(SettingsOf(parsed), progress, cancellationToken)));
        return command;
    }

    private static Command Cluster()
    {
        var command = new Command("cluster", "Cached reads, many connections, two nodes, and recovery after a loss.")
        {
            s_json, s_quick, s_rounds, s_only, s_server, s_work,
        };
        command.SetAction((parsed, cancellationToken) => ReportAsync(
            parsed,
            progress => ClusterBench.RunAsync(SettingsOf(parsed), progress, cancellationToken)));
        return command;
    }

    private static Command Import()
    {
        var command = new Command("import", "Orders a second that `laurel import orders` takes in.")
        {
            s_json, s_quick, s_rounds, s_orders, s_server, s_work,
        };
        command.SetAction((parsed, cancellationToken) => ReportAsync(parsed, progress =>
        {
            var settings = SettingsOf(parsed);
            return new ImportBench(settings.ServerDll, OrdersFile(parsed), settings.WorkFolder, settings.Rounds)
                .RunAsync(progress, cancellationToken);
        }));
        return command;
    }

    private static Command Start()
    {
        var command = new Command("start", "Time from the start of a server to /ready when its database exists.")
        {
            s_json, s_quick, s_server, s_work,
        };
        command.SetAction((parsed, cancellationToken) => ReportAsync(
            parsed,
            progress => new StartBench(SettingsOf(parsed), progress).RunAsync(cancellationToken)));
        return command;
    }

    private static Command Restore()
    {
        var command = new Command("restore", "Time to restore a million members from an archive.")
        {
            s_json, s_quick, s_server, s_work,
        };
        command.SetAction((parsed, cancellationToken) => ReportAsync(
            parsed,
            progress => new RestoreBench(SettingsOf(parsed), progress).RunAsync(cancellationToken)));
        return command;
    }

    private static Command Capacity()
    {
        var command = new Command("capacity", "Earnings and reads with ten million members and thirty million entries.")
        {
            s_json, s_quick, s_rounds, s_server, s_work,
        };
        command.SetAction((parsed, cancellationToken) => ReportAsync(
            parsed,
            progress => CapacityBench.RunAsync(SettingsOf(parsed), progress, cancellationToken)));
        return command;
    }

    private static Command Economy()
    {
        var command = new Command("economy", "Orders under thirty rules, quotes, a million lots that lapse, and a simulation.")
        {
            s_json, s_quick, s_rounds, s_only, s_orders, s_server, s_work,
        };
        command.SetAction((parsed, cancellationToken) => ReportAsync(
            parsed,
            progress => EconomyBench.RunAsync(SettingsOf(parsed), OrdersFile(parsed), progress, cancellationToken)));
        return command;
    }

    private static Command Access()
    {
        var command = new Command("access", "Access tokens beside an API key, and earnings beside sign-ins by password.")
        {
            s_json, s_quick, s_rounds, s_only, s_server, s_work,
        };
        command.SetAction((parsed, cancellationToken) => ReportAsync(
            parsed,
            progress => AccessBench.RunAsync(SettingsOf(parsed), progress, cancellationToken)));
        return command;
    }

    private static Command Search()
    {
        var members = new Option<int>("--members") { Description = "How many there are.", DefaultValueFactory = _ => 100_000 };
        var database = new Option<string?>("--database") { Description = "Address of an empty PostgreSQL database; default is SQLite." };
        var command = new Command("search", "Finding members by names, phones, tags and figures.") { s_json, s_work, members, database };
        command.SetAction((parsed, cancellationToken) => ReportAsync(
            parsed,
            progress => new SearchBench(
                parsed.GetValue(members), parsed.GetValue(database), parsed.GetValue(s_work) ?? new DirectoryInfo(Path.GetTempPath()), progress).RunAsync(cancellationToken)));
        return command;
    }

    private static Command Expressions()
    {
        var command = new Command("expressions", "Conditions and amounts of rules beside the same written in C#.") { s_json, s_quick };
        command.SetAction((parsed, _) => ReportAsync(
            parsed,
            progress => Task.Run(() => new ExpressionsBench(parsed.GetValue(s_quick), progress).Run(), CancellationToken.None)));
        return command;
    }

    private static Command GraphQL()
    {
        var command = new Command("graphql", "The GraphQL engine without a server: documents, and answers beside JSON written by hand.") { s_json, s_quick };
        command.SetAction((parsed, _) => ReportAsync(
            parsed,
            progress => Task.Run(() => new GraphQLBench(parsed.GetValue(s_quick), progress).RunAsync(), CancellationToken.None)));
        return command;
    }

    private static Command Load()
    {
        var command = new Command("load", "Drives a server as one line of JSON on the standard input says.")
        {
            Hidden = true,
        };
        command.SetAction(static _ =>
        {
            var settings = JsonSerializer.Deserialize(Console.In.ReadLine() ?? "", LoadJson.Default.LoadSettings)
                ?? throw new BenchException("No settings came on the standard input.");
            Console.Out.WriteLine(JsonSerializer.Serialize(LoadGenerator.Run(settings), LoadJson.Default.LoadResult));
            return Succeeded;
        });
        return command;
    }

    private static Command Echo()
    {
        var url = new Argument<string>("url");
        var command = new Command("echo", "Serves earnings without storing them.") { url };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
            EchoServer.RunAsync(parsed.GetRequiredValue(url), cancellationToken));
        return command;
    }

    private static Command Check()
    {
        var command = new Command("self-check", "Proves the measuring itself against servers of known behaviour.");
        command.SetAction(static (_, cancellationToken) => GuardAsync(async () =>
        {
            await SelfCheck.RunAsync(cancellationToken);
            return Succeeded;
        }));
        return command;
    }

    private static Task<int> ReportAsync(ParseResult parsed, Func<BenchProgress, Task<BenchReport>> work) =>
        GuardAsync(async () =>
        {
            if (Console.IsOutputRedirected)
            {
                AnsiConsole.Profile.Width = RedirectedWidth;
            }

            var report = await BenchProgress.RunAsync(work);
            report.Print();
            if (parsed.GetValue(s_json) is { } file)
            {
                report.Write(file.FullName);
            }

            return report.Failure is null ? Succeeded : throw new BenchException(report.Failure);
        });

    private static async Task<int> GuardAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (BenchException failure)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{failure.Message}[/]");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLine("[yellow]Stopped; every server is ended and its files are removed.[/]");
            return Failed;
        }
    }

    private static ThroughputSettings SettingsOf(ParseResult parsed)
    {
        var quick = parsed.GetValue(s_quick);
        var rounds = parsed.GetValue(s_rounds);
        var only = (parsed.GetValue(s_only) ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToHashSet();
        string[] known =
        [
            .. MeasureTargets.Throughput.Concat(MeasureTargets.Cluster).Concat(MeasureTargets.Economy).Concat(MeasureTargets.Access).Select(static target => target.Name),
            .. Contenders.All,
        ];
        if (only.Except(known).FirstOrDefault() is { } unknown)
        {
            throw new BenchException(
                $"There is no measure or contender {unknown}; there are {string.Join(", ", known)}.");
        }

        return new ThroughputSettings
        {
            Quick = quick,
            Rounds = rounds > 0 ? rounds : quick ? 1 : ThroughputSettings.RoundsDefault,
            Only = only,
            ServerDll = parsed.GetValue(s_server)?.FullName,
            WorkFolder = parsed.GetValue(s_work)?.FullName ?? Path.GetTempPath(),
        };
    }

    private static string OrdersFile(ParseResult parsed)
    {
        var file = parsed.GetValue(s_orders)?.FullName
            ?? Environment.GetEnvironmentVariable(OrdersVariable)
            ?? Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", "cdnow", "orders.csv"));
        return File.Exists(file) ? file : throw new BenchException($"There is no {file}; name the file with --file.");
    }
}
