using System.Globalization;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Membership.Watch;
using Laurel.Platform.Access;
using Laurel.Platform.Vault;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Balance;

/// <summary>What a member's row says of stored money.</summary>
internal sealed record Standing(long Balance, long Held);

/// <summary>Stored money in few words, on an engine that somebody else has opened.</summary>
internal class MoneyDesk(LaneSet lanes, Database database, MemberBooks books, PersonalDataVault vault, SettableClock clock)
{
    public static readonly TenantId Tenant = LaurelNode.DefaultTenant;

    private int _references;

    public Database Database { get; } = database;

    public MemberBooks Books { get; } = books;

    public SettableClock Clock { get; } = clock;

    /// <summary>What the engine logged; told when an outcome is not what was expected.</summary>
    public FaultsLogged? Faults { get; init; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Advance(TimeSpan span) => Clock.Set(Clock.GetUtcNow() + span);

    /// <summary>Enrols a member whose real name is verified, and gives it money.</summary>
    public async Task<MemberId> NewMemberAsync(string name, long balance, bool verified = true)
    {
        var request = new RegisterRequest
        {
            ExternalId = name,
            Nickname = null,
            Phone = null,
            Email = null,
            RegisteredAt = Instant.Now(Clock),
            RealNameVerified = verified,
        };
        var reply = (MemberReply)await AppliedAsync(new RegisterMember(Tenant, request, Books, vault));
        var id = new MemberId(long.Parse(reply.Id, CultureInfo.InvariantCulture));
        if (balance > 0)
        {
            await AppliedAsync(Adjust(id, balance));
        }

        return id;
    }

    /// <summary>One member with everything that the world is told of.</summary>
    public async Task WriteHistoryAsync()
    {
        var member = await NewMemberAsync("moneyed", 10_000);
        await AppliedAsync(Recharge(member, 600, "told"));
        await AppliedAsync(Pay("told", 600));
        await AppliedAsync(RefundRecharge("told", 100, "told-back"));
        foreach (var id in (string[])["told-paid", "told-failed", "told-rejected"])
        {
            await AppliedAsync(Apply(member, 1_000, id));
            await AppliedAsync(Approve(id, "ann"));
        }

        await AppliedAsync(Reject("told-rejected"));
        await AppliedAsync(Begin("told-paid"));
        await AppliedAsync(End("told-paid", paid: true));
        await AppliedAsync(Begin("told-failed"));
        await AppliedAsync(End("told-failed", paid: false));
    }

    public AdjustBalance Adjust(MemberId member, long amount, string? reference = null) =>
        new(Tenant, MemberReference.ById(member), Request(amount, reference) with { Operator = "olga" }, Books);

    public SpendBalance Spend(MemberId member, long amount, string? reference = null) =>
        new(Tenant, MemberReference.ById(member), Request(amount, reference), Books);

    public RefundSpend Refund(string spend, long amount, string? reference = null) =>
        new(Tenant, new SpendReference("test", spend), Request(amount, reference), Books);

    public CreateRecharge Recharge(MemberId member, long amount, string? id) => new(Tenant, MemberReference.ById(member), amount, id, Books);

    public PayRecharge Pay(string id, long amount, string reference = "p-1") => new(Tenant, id, new Payment(amount, "CNY", reference), Books);

    public RefundRecharge RefundRecharge(string id, long amount, string refund) =>
        new(Tenant, id, new RechargeRefund(refund, amount, "asked for", "olga", "pr-" + refund), Books);

    public ApplyWithdrawal Apply(MemberId member, long amount, string? id, string by = "shop") => new(
        Tenant,
        MemberReference.ById(member),
        new WithdrawalRequest { Amount = amount, Destination = "acct-1", WithdrawalId = id, AppliedBy = Person(by) },
        Books);

    public ApproveWithdrawal Approve(string id, string by) => new(Tenant, id, Person(by), Books);

    public RejectWithdrawal Reject(string id) => new(Tenant, id, "not now", Books);

    public EndPayout End(string id, bool paid) => new(Tenant, id, new PayoutEnd(paid, paid ? "out-" + id : null, paid ? null : "no such account"), Books);

    public BeginPayout Begin(string id) => new(Tenant, id, "test", TimeSpan.FromSeconds(10), Books);

    public PayoutRun Payouts(IPayoutProvider provider) =>
        new(Database, lanes, Books, provider, new BalanceOptions(), Clock, NullLogger<PayoutRun>.Instance);

    public WatchMarkClearing MarkClearing() => new(Database, lanes, Clock);

    public RechargeClosing Closing() => new(Database, lanes, Books, Clock);

    public Task<Outcome> SubmitAsync(Command command) => lanes.SubmitAsync(command, Cancellation);

    public async Task<object> AppliedAsync(Command command)
    {
        var outcome = await SubmitAsync(command);
        return outcome.ShouldBeOfType<Outcome.Applied>($"{outcome} {Faults}").Reply;
    }

    /// <summary>The code it was refused with.</summary>
    public async Task<string> RefusedAsync(Command command)
    {
        var outcome = await SubmitAsync(command);
        return outcome.ShouldBeOfType<Outcome.Refused>($"{outcome} {Faults}").Refusal.Code;
    }

    public async Task<Standing> StandingAsync(MemberId member)
    {
        await using var session = await Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.QuerySingleAsync<Standing>(
            "SELECT balance AS Balance, balance_held AS Held FROM members WHERE tenant_id = @Tenant AND id = @Member",
            new { Tenant = Tenant.Value, Member = member.Value });
    }

    public async Task<string> StatusAsync(string table, string id)
    {
        var key = table == "balance_recharges" ? "recharge_id" : "withdrawal_id";
        await using var session = await Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return (await session.Connection.ExecuteScalarAsync<string>($"SELECT status FROM {table} WHERE {key} = @Id", new { Id = id }))!;
    }

    /// <summary>Every invariant holds; no row is passed over.</summary>
    public async Task VerifyAsync()
    {
        var report = await new Verifier(Database).RunAsync(null, Cancellation);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I14).Checked.ShouldBeGreaterThan(0);
    }

    public static Signatory Person(string name) => new(Hands.Of(Hash128.Of(0, "person", name)), name);

    private BalanceRequest Request(long amount, string? reference) => new()
    {
        Amount = amount,
        Reason = "test",
        ReferenceType = "test",
        ReferenceId = reference ?? "auto-" + Interlocked.Increment(ref _references).ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>A node on a database of its own, with a clock of the test's.</summary>
internal sealed class MoneyDatabase : MoneyDesk, IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private MoneyDatabase(DirectoryInfo folder, LaurelNode node, LaurelSettings settings, SettableClock clock)
        : base(node.Lanes, node.Database, node.Books, node.Vault, clock) => (_folder, Node, Settings) = (folder, node, settings);

    public LaurelNode Node { get; }

    public LaurelSettings Settings { get; }

    /// <param name="isFree">Whether the settings leave the programme as it is stored, so that commands may change it.</param>
    public static async Task<MoneyDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name, BalanceRules? rules = null, Programme? programme = null, bool isFree = false)
    {
        var url = await databases.FindAsync(kind, name);
        var folder = Directory.CreateTempSubdirectory("laurel-money-");
        var clock = new SettableClock();
        clock.Set(new DateTimeOffset(2026, 3, 1, 4, 0, 0, TimeSpan.Zero));
        var settings = new LaurelSettings
        {
            DataFolder = folder.FullName,
            Urls = LaurelSettings.DefaultUrls,
            Database = kind switch
            {
                DatabaseUnderTest.Sqlite => DatabaseKind.Sqlite,
                DatabaseUnderTest.Postgres => DatabaseKind.Postgres,
                DatabaseUnderTest.MySql => DatabaseKind.Mysql,
            },
            DatabaseUrl = url,
            Cluster = new ClusterSettings { DatabaseRole = PostgresCluster.RoleOf(url) },
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => isFree ? stored : programme ?? new Programme { Balance = rules ?? new BalanceRules() },
            SweepEvery = TimeSpan.FromHours(1),
        };
        var faults = new FaultsLogged();
        var node = await LaurelNode.OpenAsync(settings, "contract", clock, new LoggerFactory([faults]), TestContext.Current.CancellationToken);
        return new MoneyDatabase(folder, node, settings, clock) { Faults = faults };
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

/// <summary>A provider that answers as the test says and remembers what it was asked.</summary>
internal sealed class ScriptedProvider(Func<PayoutOrder, int, PayoutAnswer> answer) : IPayoutProvider
{
    private readonly Lock _lock = new();

    public List<PayoutOrder> Asked { get; } = [];

    public string Name => "test";

    public Task<PayoutAnswer> SendAsync(PayoutOrder order, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Asked.Add(order);
            return Task.FromResult(answer(order, Asked.Count(one => one.WithdrawalId == order.WithdrawalId)));
        }
    }
}
