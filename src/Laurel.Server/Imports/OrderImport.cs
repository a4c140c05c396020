using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Errors;
using Laurel.Server.Hosting;

namespace Laurel.Server.Imports;

/// <summary>What an import has done.</summary>
internal sealed record ImportCounts
{
    public long OrdersApplied { get; init; }

    /// <summary>Orders that were there before, from an earlier run or another source.</summary>
    public long Duplicates { get; init; }

    public long MembersMade { get; init; }
}

/// <summary>The database kept failing: what was committed stays, and the same import goes on from there.</summary>
internal sealed class ImportStoppedException(string code)
    : Exception($"The import stopped because the database does not answer ({code}). Run it again: it goes on where it stopped.");

/// <summary>Loads a history through the lanes, in order of time, each member just before its first order.</summary>
/// <remarks>One block is one transaction and follows the one before, so the orders of a member are decided in order
/// whatever fails, and an import that was killed goes on with the first block that is missing. It needs a node whose
/// lanes nobody else uses: <see cref="SettingsFor"/>.</remarks>
internal sealed class OrderImport(LaurelNode node, TenantId tenant, ColumnMap map, ErrorReport report, TimeProvider clock)
{
    /// <summary>Commands of one block at the most. Twice as many took no less time, half as many a twentieth more.</summary>
    public const int BlockCommandsMax = 8_192;

    /// <summary>The source of the events that an import stands for.</summary>
    public const string Source = "import";

    private const int BlockAttemptsMax = 30;

    /// <summary>What the commands of a block and what they become take, with a fifth to spare: 142 MB at the most in a history of one
    /// line an order.</summary>
    private const long BlockBytes = 170 << 20;

    /// <summary>What of it is lists of a whole block, and the bodies of its events.</summary>
    private const long BlockLargeBytes = 40 << 20;

    private static readonly TimeSpan s_pauseMax = TimeSpan.FromSeconds(5);

    /// <summary>Commands of one transaction, and what each stands for.</summary>
    /// <param name="Orders">The order of each command; null for a registration.</param>
    /// <param name="End">The orders of the history that are done with this block.</param>
    private sealed record Block(IReadOnlyList<Command> Commands, IReadOnlyList<OrderRow?> Orders, int End);

    /// <summary>What an import works with: one lane, whose batches hold a whole block and whose commands never grow stale,
    /// and few checkpoints.</summary>
    public static LaurelSettings SettingsFor(LaurelSettings configured) => configured with
    {
        Loading = true,
        Lanes = configured.Lanes with
        {
            LaneCount = 1,
            BatchCommandsMax = BlockCommandsMax,
            QueueWaitMax = TimeSpan.FromHours(1),
        },
    };

    /// <param name="progress">Told the orders done so far.</param>
    /// <exception cref="ImportStoppedException">When a block failed again and again.</exception>
    public async Task<ImportCounts> RunAsync(OrderHistory history, Currency currency, IProgress<long> progress, CancellationToken cancellationToken)
    {
        using var calm = new CollectionPause(BlockBytes, BlockLargeBytes);
        var counts = new ImportCounts();
        var met = new bool[history.Customers.Count];
        for (var block = Fill(history, currency, met, 0); block.Commands.Count > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            calm.Renew();
            var submitted = SubmitAsync(node, block.Commands, clock, cancellationToken);
            // The next block is made while this one is written.
            var following = Fill(history, currency, met, block.End);
            var outcomes = await submitted;
            for (var i = 0; i < outcomes.Length; i++)
            {
                counts = Count(counts, history, block.Orders[i], outcomes[i]);
            }

            progress.Report(block.End);
            block = following;
        }

        return counts;
    }

    private Block Fill(OrderHistory history, Currency currency, bool[] met, int next)
    {
        var commands = new List<Command>(BlockCommandsMax);
        var orders = new List<OrderRow?>(BlockCommandsMax);
        for (; next < history.Orders.Count && commands.Count <= BlockCommandsMax - 2; next++)
        {
            var order = history.Orders[next];
            var customer = history.Customers[order.Customer];
            if (!met[order.Customer])
            {
                met[order.Customer] = true;
                commands.Add(Registration(customer, order.Time));
                orders.Add(null);
            }

            commands.Add(Completion(order, customer, currency));
            orders.Add(order);
        }

        return new Block(commands, orders, next);
    }

    private RegisterMember Registration(string externalId, Instant time)
    {
        var request = new RegisterRequest { ExternalId = externalId, Nickname = null, Phone = null, Email = null, RegisteredAt = time };
        return new RegisterMember(tenant, request, node.Books, node.Vault);
    }

    private CompleteOrder Completion(OrderRow order, string customer, Currency currency)
    {
        var request = new OrderRequest { OrderId = order.OrderId, Currency = currency.Code, Amount = order.Amount, Lines = [] };
        var origin = new EventOrigin(Source, EventTypes.OrderCompleted, order.OrderId);
        return new CompleteOrder(tenant, MemberReference.ByExternalId(tenant, customer), request, origin, node.Books) { Time = order.Time };
    }

    /// <summary>Submits a block until it is decided. It is one transaction, so it fails as a whole and is repeated as a whole.</summary>
    /// <exception cref="ImportStoppedException">When it failed again and again.</exception>
    internal static async Task<Outcome[]> SubmitAsync(
        LaurelNode node, IReadOnlyList<Command> commands, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var outcomes = await node.Lanes.SubmitAsync(commands, CancellationToken.None);
            if (Array.Find(outcomes, o => o is Outcome.Failed { Retryable: true }) is not Outcome.Failed failed)
            {
                return outcomes;
            }

            if (attempt == BlockAttemptsMax)
            {
                throw new ImportStoppedException(failed.Refusal.Code);
            }

            var pause = TimeSpan.FromMilliseconds(100 * attempt);
            await Task.Delay(pause < s_pauseMax ? pause : s_pauseMax, clock, cancellationToken);
        }
    }

    private ImportCounts Count(ImportCounts counts, OrderHistory history, OrderRow? order, Outcome outcome)
    {
        switch (order, outcome)
        {
            case (null, Outcome.Applied):
                return counts with { MembersMade = counts.MembersMade + 1 };
            case (null, _):
                // The member was there before, or its order says what is wrong.
                return counts;
            case (not null, Outcome.Applied):
                return counts with { OrdersApplied = counts.OrdersApplied + 1 };
            case (not null, Outcome.Duplicate):
                return counts with { Duplicates = counts.Duplicates + 1 };
            case ({ } row, Outcome.Refused refused):
                Reject(history, row, refused.Refusal);
                return counts;
            case ({ } row, Outcome.Failed failed):
                Reject(history, row, failed.Refusal);
                return counts;
            default:
                throw new InvariantBrokenException("An order of an import carries no idempotency key.");
        }
    }

    private void Reject(OrderHistory history, OrderRow row, Refusal refusal)
    {
        var (column, value) = refusal.Code switch
        {
            ErrorCode.MemberInactive or ErrorCode.MemberNotFound => (map.Customer, history.Customers[row.Customer]),
            ErrorCode.TimeInFuture => (map.Date, row.Time.ToString()),
            _ => (map.Order, row.OrderId),
        };
        var message = ErrorCatalog.Get(refusal.Code).Detail(Language.English, refusal.Values);
        report.Write(new RowError(row.Line, column, refusal.Code, message, value));
    }
}
