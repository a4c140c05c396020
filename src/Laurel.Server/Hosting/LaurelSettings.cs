using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Membership.Balance;
using Laurel.Membership.Benefits;
using Laurel.Membership.Finance;
using Laurel.Membership.Orders;
using Laurel.Membership.Programmes;
using Laurel.Platform.Limits;
using Laurel.Platform.Vault;
using Laurel.Platform.Webhooks;
using Laurel.Server.GraphQL;
using Laurel.Server.Jobs;
using Laurel.Server.Messaging;
using Microsoft.Extensions.Configuration;

namespace Laurel.Server.Hosting;

/// <summary>Which database holds the truth.</summary>
public enum DatabaseKind
{
    Sqlite,
    Postgres,

    /// <summary>MySQL or MariaDB.</summary>
    Mysql,
}

/// <summary>How this process is set up: from the command line, the environment and <c>DATA/laurel.json</c>, in that order.</summary>
public sealed record LaurelSettings
{
    public const string DefaultUrls = "http://127.0.0.1:5080";

    private const int EntriesKeptMonthsMin = 3;

    /// <summary>The folder of the SQLite file, the keys and the lock; default <c>./data</c>.</summary>
    public required string DataFolder { get; init; }

    public required string Urls { get; init; }

    public required DatabaseKind Database { get; init; }

    /// <summary>The address of the server (<c>DATABASE_URL</c>); null on SQLite.</summary>
    public required string? DatabaseUrl { get; init; }

    /// <summary>The administrator's API key (<c>LAUREL_ADMIN_KEY</c>); null makes one at the first start.</summary>
    public required string? AdminKey { get; init; }

    /// <summary><c>LAUREL_MASTER_KEYS</c>; null keeps the keys in the data folder.</summary>
    public required string? MasterKeys { get; init; }

    /// <summary>What opens the master keys: nothing, or the key service of <c>LAUREL_VAULT_ADDRESS</c>.</summary>
    public IMasterKeyGuard MasterKeyGuard { get; init; } = new OpenMasterKeys();

    public required LaneOptions Lanes { get; init; }

    /// <summary>Gives the default tenant's programme as the section <c>Programme</c> wants it, from the one that is stored.</summary>
    public required Func<Programme, Programme> Programme { get; init; }

    /// <summary>How often <c>serve</c> lets lapse what is due.</summary>
    public required TimeSpan SweepEvery { get; init; }

    /// <summary>Schedules of jobs by name, from the section <c>Jobs</c>; the others run as by default.</summary>
    internal IReadOnlyDictionary<string, JobSchedule> Jobs { get; init; } = new Dictionary<string, JobSchedule>();

    /// <summary>Replicas, other nodes, and how it starts and stops.</summary>
    public ClusterSettings Cluster { get; init; } = new();

    /// <summary>How long the outcome of an <c>Idempotency-Key</c> is kept at the least.</summary>
    public TimeSpan RepliesKept { get; init; } = TimeSpan.FromDays(30);

    /// <summary>After how many months entries are detached by a job; 0 keeps them in their tables for ever.</summary>
    public int EntriesKeptMonths { get; init; }

    /// <summary>What this process does while it serves.</summary>
    public NodeRoles Roles { get; init; } = NodeRoles.All;

    /// <summary>The broker; null works without one.</summary>
    public RabbitMqSettings? RabbitMq { get; init; }

    /// <summary>How long events are kept once they are published.</summary>
    public TimeSpan EventsKept { get; init; } = TimeSpan.FromDays(MessagingSettings.EventsKeptDaysDefault);

    /// <summary>How long the audit is kept.</summary>
    public TimeSpan AuditKept { get; init; } = TimeSpan.FromDays(AuditRetention.KeptDaysDefault);

    /// <summary>What is remembered of answers, and for how long.</summary>
    public CacheSettings Cache { get; init; } = new();

    /// <summary>Metrics, logs and traces.</summary>
    public OperationsSettings Operations { get; init; } = new();

    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>How <c>/graphql</c> is served.</summary>
    public GraphQLSettings GraphQL { get; init; } = new();

    /// <summary>Where files lie that people send.</summary>
    public FileSettings Files { get; init; } = new();

    /// <summary>How many calls are let through.</summary>
    public RateLimitOptions Limits { get; init; } = new();

    /// <summary>How a Dapr sidecar brings events; null where there is none.</summary>
    public DaprOptions? Dapr { get; init; }

    /// <summary>How stored money meets the outside.</summary>
    public BalanceOptions Balance { get; init; } = new();

    /// <summary>Who signs people in and carries messages to them.</summary>
    internal ProviderSettings Providers { get; init; } = new();

    /// <summary>The kinds of benefits there are: those of the house and those that plug-ins bring.</summary>
    public BenefitKinds BenefitKinds { get; init; } = BenefitKinds.OfTheHouse;

    /// <summary>Into which accounts the postings of the points' liability go.</summary>
    public FinanceAccounts FinanceAccounts { get; init; } = FinanceAccounts.Default;

    /// <summary>How people sign in.</summary>
    public IdentityOptions Identity { get; init; } = new();

    /// <summary>Set by the verbs themselves: see <see cref="SqliteDatabase.Loading"/>.</summary>
    public bool Loading { get; init; }

    public string SqliteFile => Path.Combine(DataFolder, "laurel.db");

    /// <summary>Where rows that are detached from the SQLite file go.</summary>
    public string DetachedFolder => Path.Combine(DataFolder, "detached");

    /// <summary>Reads the settings and names every mistake at once.</summary>
    /// <param name="dataFolder">From <c>--data</c>, or null.</param>
    /// <param name="urls">From <c>--urls</c>, or null.</param>
    /// <param name="roles">From <c>--roles</c>, or null.</param>
    public static (LaurelSettings? Settings, IReadOnlyList<string> Mistakes) Read(string? dataFolder, string? urls, string? roles = null)
    {
        try
        {
            return ReadAll(dataFolder, urls, roles);
        }
        catch (InvalidDataException exception)
        {
            return (null, [$"{exception.Message} {exception.GetBaseException().Message}"]);
        }
    }

    private static (LaurelSettings? Settings, IReadOnlyList<string> Mistakes) ReadAll(string? dataFolder, string? urls, string? roles)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var folder = Path.GetFullPath(dataFolder ?? environment["LAUREL_DATA"] ?? "data");
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(folder, "laurel.json"), optional: true, reloadOnChange: false)
            .AddInMemoryCollection(SeedVariables.Translate(environment))
            .AddEnvironmentVariables()
            .AddEnvironmentVariables("LAUREL__")
            .Build();
        var reader = new SettingsReader(configuration);
        var url = reader.Text("DATABASE_URL");
        var database = reader.Choice("LAUREL_DATABASE", KindOf(url));
        reader.Require(
            database == DatabaseKind.Sqlite || url is not null,
            "DATABASE_URL is missing: a server needs an address such as postgresql://user:password@host:5432/laurel or mysql://user:password@host:3306/laurel.");
        reader.Require(AddressMistake(database, url) is null, "DATABASE_URL: " + AddressMistake(database, url));
        var lanes = new LaneOptions();
        var settings = new LaurelSettings
        {
            DataFolder = folder,
            Urls = urls ?? reader.Text("LAUREL_URLS") ?? reader.Text("ASPNETCORE_URLS") ?? DefaultUrls,
            Database = database,
            DatabaseUrl = database == DatabaseKind.Sqlite ? null : url,
            AdminKey = reader.Text("LAUREL_ADMIN_KEY"),
            MasterKeys = reader.Text("LAUREL_MASTER_KEYS"),
            MasterKeyGuard = VaultSettings.Read(reader),
            Lanes = lanes with
            {
                LaneCount = reader.Integer("LAUREL_LANES", lanes.LaneCount, 1, LaneOptions.LaneCountMax),
                BatchCommandsMax = reader.Integer("LAUREL_BATCH_MAX", lanes.BatchCommandsMax, 1, 4_096),
                QueueCommandsMax = reader.Integer("LAUREL_QUEUE_MAX", lanes.QueueCommandsMax, 16, 1_000_000),
            },
            Programme = reader.Programme("Programme").Over,
            Roles = MessagingSettings.ReadRoles(reader, roles),
            RabbitMq = MessagingSettings.ReadRabbitMq(reader),
            EventsKept = MessagingSettings.ReadEventsKept(reader),
            AuditKept = TimeSpan.FromDays(reader.Integer("LAUREL_AUDIT_KEPT_DAYS", AuditRetention.KeptDaysDefault, AuditRetention.KeptDaysMin, 36_500)),
            Cache = CacheSettings.Read(reader),
            Operations = OperationsSettings.Read(reader),
            Cluster = ClusterSettings.Read(reader, database, KindOf),
            Jobs = reader.Jobs("Jobs", JobList.Names),
            RepliesKept = TimeSpan.FromDays(reader.Integer("LAUREL_IDEMPOTENCY_KEPT_DAYS", 30, 1, 3_650)),
            EntriesKeptMonths = reader.Integer("LAUREL_ENTRIES_KEPT_MONTHS", 0, 0, 1_200),
            Webhooks = WebhookSettings.Read(reader),
            GraphQL = GraphQLSettings.Read(reader),
            Files = FileSettings.Read(reader),
            Limits = reader.Limits("Limits"),
            FinanceAccounts = reader.FinanceAccounts("LAUREL_FINANCE_ACCOUNTS"),
            Dapr = WebhookSettings.ReadDapr(reader),
            Balance = BalanceSettings.Read(reader),
            Providers = ProviderSettings.Read(reader),
            Identity = IdentitySettings.Read(reader),
            BenefitKinds = PluginFiles.Read(reader.Text("LAUREL_PLUGINS"), mistake => reader.Require(false, "LAUREL_PLUGINS: " + mistake)),
            SweepEvery = TimeSpan.FromSeconds(reader.Integer("LAUREL_SWEEP_SECONDS", 60, 1, 86_400)),
        };
        reader.Require(
            settings.EntriesKeptMonths is 0 or >= EntriesKeptMonthsMin,
            $"LAUREL_ENTRIES_KEPT_MONTHS is 0, for ever, or at least {EntriesKeptMonthsMin}: what happened lately is asked for.");
        reader.Require(settings.AdminKey is null or { Length: >= 16 and <= 256 }, "LAUREL_ADMIN_KEY has 16 to 256 characters.");
        return reader.Mistakes.Count == 0 ? (settings, []) : (null, reader.Mistakes);
    }

    private static string? AddressMistake(DatabaseKind database, string? url)
    {
        try
        {
            _ = (database, url) switch
            {
                (DatabaseKind.Sqlite, _) or (_, null) => null,
                (DatabaseKind.Postgres, _) => (object)ServerAddress.Postgres(url),
                (DatabaseKind.Mysql, _) => ServerAddress.MySql(url),
            };
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    // An address without a scheme is a connection string, which LAUREL_DATABASE says whose it is; PostgreSQL's when it does not.
    private static DatabaseKind KindOf(string? url) => url?.Split("://")[0] switch
    {
        null => DatabaseKind.Sqlite,
        "mysql" or "mariadb" => DatabaseKind.Mysql,
        _ => DatabaseKind.Postgres,
    };
}
