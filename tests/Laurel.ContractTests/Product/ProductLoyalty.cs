using Laurel.ContractTests.Model;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Platform.Vault;
using Laurel.Server.Hosting;
using ModelOutcome = Laurel.ContractTests.Model.Outcome;
using Outcome = Laurel.Engine.Lanes.Outcome;

namespace Laurel.ContractTests.Product;

/// <summary>The product behind the oracle's interface: real commands, real lanes, a real database and a clock of ours.</summary>
public sealed partial class ProductLoyalty(LaneSet lanes, Database database, MemberBooks books, PersonalDataVault vault, SettableClock clock)
    : ILoyalty, IAsyncDisposable
{
    private static readonly TenantId s_tenant = LaurelNode.DefaultTenant;

    // Cases may share a database, and a reference is used once.
    private static int s_references;

    private readonly MemberReader _reader = new(ReadRouter.Of(database), vault, clock);
    private readonly BalancesAsOf _balances = new(database, books.Programmes);
    private readonly Dictionary<string, string> _externalIds = [];
    private readonly Dictionary<string, MemberId> _ids = [];
    private readonly Dictionary<string, long> _holds = [];

    /// <summary>The members enrolled so far.</summary>
    public IReadOnlyCollection<MemberId> Members => _ids.Values;

    /// <summary>What the engine logged; told when an outcome is not what any operation should meet.</summary>
    public FaultsLogged? Faults { get; init; }

    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    public async Task<ModelOutcome> RegisterAsync(Operation.Register operation, CancellationToken cancellationToken)
    {
        var request = new RegisterRequest { ExternalId = operation.Member, Nickname = null, Phone = null, Email = null, RegisteredAt = At(operation) };
        var outcome = await SubmitAsync(operation, new RegisterMember(s_tenant, request, books, vault), cancellationToken);
        if (outcome is not Outcome.Applied { Reply: MemberReply reply })
        {
            return Translate(outcome);
        }

        _externalIds[reply.Id] = operation.Member;
        _ids[operation.Member] = MemberId.TryParse(reply.Id, out var id) ? id : throw new InvariantBrokenException("An answer names a member by id.");
        return new ModelOutcome.Applied([new Movement(operation.Member, Units.Points, reply.LifetimePoints)], null);
    }

    public async Task<ModelOutcome> CompleteOrderAsync(Operation.Order operation, CancellationToken cancellationToken)
    {
        var request = new OrderRequest
        {
            OrderId = operation.OrderId,
            Currency = "CNY",
            Amount = operation.Amount,
            Lines =
            [
                .. (operation.Lines ?? []).Select(line => new OrderLineRequest
                {
                    LineId = line.LineId,
                    Sku = null,
                    Quantity = 1,
                    Amount = line.Amount,
                    Eligible = line.Eligible ?? line.Amount,
                }),
            ],
        };
        var origin = new EventOrigin("script", "order.completed", operation.OrderId);
        return Translate(await SubmitAsync(operation, new CompleteOrder(s_tenant, Named(operation.Member), request, origin, books) { Time = At(operation) }, cancellationToken));
    }

    public async Task<ModelOutcome> RefundAsync(Operation.Refund operation, CancellationToken cancellationToken)
    {
        var request = new RefundRequest
        {
            OrderId = operation.OrderId,
            RefundId = operation.RefundId,
            Amount = operation.Amount,
            Lines = [.. (operation.Lines ?? []).Select(line => new RefundLineRequest(line.LineId, line.Amount))],
            ReturnId = operation.ReturnId,
        };
        var origin = new EventOrigin("script", "order.refunded", operation.OrderId + "/" + operation.RefundId);
        return Translate(await SubmitAsync(operation, new RefundOrder(s_tenant, request, origin, books) { Time = At(operation) }, cancellationToken));
    }

    public async Task<ModelOutcome> EarnAsync(Operation.Earn operation, CancellationToken cancellationToken) => Translate(await SubmitAsync(
        operation,
        new EarnPoints(s_tenant, Named(operation.Member), Request(operation.Points), books) { Time = At(operation), ApplyMultiplier = operation.ApplyMultiplier },
        cancellationToken));

    public async Task<ModelOutcome> AdjustAsync(Operation.Adjust operation, CancellationToken cancellationToken) => Translate(await SubmitAsync(
        operation, new AdjustPoints(s_tenant, Named(operation.Member), Request(operation.Points), books) { Time = At(operation) }, cancellationToken));

    public async Task<ModelOutcome> SpendAsync(Operation.Spend operation, CancellationToken cancellationToken) => Translate(await SubmitAsync(
        operation, new SpendPoints(s_tenant, Named(operation.Member), Request(operation.Points), books) { Time = At(operation) }, cancellationToken));

    public async Task<ModelOutcome> HoldAsync(Operation.Hold operation, CancellationToken cancellationToken)
    {
        var command = new HoldPoints(s_tenant, Named(operation.Member), Request(operation.Points), books)
        {
            Time = At(operation),
            ExpiresAt = operation.ExpiresAt is { } end ? Instant.From(end) : null,
        };
        var outcome = await SubmitAsync(operation, command, cancellationToken);
        if (outcome is Outcome.Applied { Reply: HoldReply reply })
        {
            _holds[operation.Reference] = long.Parse(reply.HoldId, System.Globalization.CultureInfo.InvariantCulture);
        }

        return Translate(outcome);
    }

    public async Task<ModelOutcome> CaptureAsync(Operation.Capture operation, CancellationToken cancellationToken) => Translate(await SubmitAsync(
        operation, new CaptureHold(s_tenant, End(operation.HoldReference, operation.Points), books) { Time = At(operation) }, cancellationToken));

    public async Task<ModelOutcome> ReleaseAsync(Operation.Release operation, CancellationToken cancellationToken) => Translate(await SubmitAsync(
        operation, new ReleaseHold(s_tenant, End(operation.HoldReference, operation.Points), books) { Time = At(operation) }, cancellationToken));

    public async Task<ModelOutcome> TransferAsync(Operation.Transfer operation, CancellationToken cancellationToken)
    {
        var request = new TransferRequest { Points = operation.Points, Reason = "script", Reference = NextReference() };
        var outcome = await SubmitAsync(operation, new TransferPoints(s_tenant, Named(operation.From), Named(operation.To), request, books) { Time = At(operation) }, cancellationToken);
        return outcome is Outcome.Applied { Reply: TransferReply reply }
            ? new ModelOutcome.Applied([.. reply.Entries.Select(entry => new Movement(entry.Amount < 0 ? operation.From : operation.To, entry.Unit, entry.Amount))], null)
            : Translate(outcome);
    }

    public async Task<ModelOutcome> SweepAsync(Operation.Sweep operation, CancellationToken cancellationToken)
    {
        clock.Set(operation.Clock);
        await new Sweep(database, lanes, books, clock).RunAsync(null, cancellationToken);
        return new ModelOutcome.Applied([], null);
    }

    public async Task<MemberState?> StateAtAsync(string member, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        clock.Set(instant);
        if (!_ids.TryGetValue(member, out var id) || await _reader.FindAsync(s_tenant, id) is not { } found)
        {
            return null;
        }

        return new MemberState(found.Points.Available, found.Points.Held, found.Points.Debt, found.LifetimePoints, found.Growth, found.Level.Code, found.TotalOrders, found.TotalAmount);
    }

    public async Task<MemberState?> StateAsOfAsync(string member, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        if (!_ids.TryGetValue(member, out var id))
        {
            return null;
        }

        var found = await _balances.ReadAsync(database, s_tenant, id, Instant.From(instant), cancellationToken);
        return new MemberState(found.Available, found.Held, found.Debt, found.Lifetime, found.Growth, found.LevelCode, found.TotalOrders, found.TotalAmount);
    }

    private async Task<Outcome> SubmitAsync(Operation operation, Command command, CancellationToken cancellationToken)
    {
        clock.Set(operation.Clock);
        return await lanes.SubmitAsync(command, cancellationToken);
    }

    private ModelOutcome Translate(Outcome outcome) => outcome switch
    {
        Outcome.Applied { Reply: PostingReply reply } => new ModelOutcome.Applied(
            [.. Movements(reply.MemberId, reply.Entries)],
            reply.Level is { } level ? new LevelChange(level.From, level.To) : null),
        Outcome.Applied { Reply: ExtensionReply } => new ModelOutcome.Applied([], null),
        Outcome.Applied { Reply: HoldReply reply } => new ModelOutcome.Applied([.. Movements(reply.MemberId, reply.Entries)], null),
        Outcome.Refused { Refusal: var refusal } => new ModelOutcome.Refused(refusal.Code, Figure(refusal, "required"), Figure(refusal, "available")),
        Outcome.Duplicate => new ModelOutcome.Duplicate(),
        _ => throw new InvariantBrokenException($"Unexpected outcome: {outcome}\n{Faults}"),
    };

    // Points that lapsed on the way belong to no operation of the oracle.
    private IEnumerable<Movement> Movements(string memberId, IEnumerable<EntryReply> entries) =>
        entries.Where(entry => entry.Kind != "expire").Select(entry => new Movement(_externalIds[memberId], entry.Unit, entry.Amount));

    private static long? Figure(Refusal refusal, string name) =>
        refusal.Code == Codes.PointsInsufficient && refusal.Values.TryGetValue(name, out var value) ? (long?)value : null;

    private static Instant At(Operation operation) => Instant.From(operation.Time);

    private static MemberReference Named(string externalId) => MemberReference.ByExternalId(s_tenant, externalId);

    private PointsRequest Request(long points) => new() { Points = points, Reason = "script", ReferenceType = "script", ReferenceId = NextReference() };

    private HoldEndRequest End(string reference, long? points) =>
        new() { HoldId = _holds.GetValueOrDefault(reference, 1), Points = points, Reference = NextReference() };

    private static string NextReference() => "r" + Interlocked.Increment(ref s_references);
}

/// <summary>A clock that says what the test wants. Nobody waits for virtual time to pass: timers are due at once, and those of the rounds that
/// a node makes by itself so late that these do not take a core from the test.</summary>
public sealed class SettableClock : TimeProvider
{
    private static readonly TimeSpan s_roundMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(50);

    private long _ticks = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    public void Set(DateTimeOffset now) => Interlocked.Exchange(ref _ticks, now.UtcTicks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : dueTime < s_roundMin ? TimeSpan.Zero : s_round, period);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
}
