using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Tenants;
using Microsoft.Extensions.Logging;

namespace Laurel.Membership.Balance;

/// <summary>Closes recharges that were not paid in time.</summary>
public sealed class RechargeClosing(Database database, LaneSet lanes, MemberBooks books, TimeProvider clock)
{
    private const int RoundMax = 256;

    private const string FindDue = """
        SELECT tenant_id AS Tenant, recharge_id AS Id FROM balance_recharges
        WHERE due_at <= @Now ORDER BY due_at LIMIT @Limit
        """;

    /// <summary>Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</summary>
    public LeaseFence? Fence { get; init; }

    /// <summary>Runs until nothing is due.</summary>
    /// <returns>Recharges closed.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long closed = 0;
        while (true)
        {
            var due = await DueRow.FindAsync(database, "balance.recharges_due", FindDue, new { Now = Instant.Now(clock).UnixMicroseconds, Limit = RoundMax }, cancellationToken);
            var outcomes = await Task.WhenAll(due.Select(row =>
                lanes.SubmitAsync(new CloseRecharge(new TenantId(row.Tenant), row.Id, books) { Fence = Fence }, cancellationToken)));
            var applied = outcomes.Count(outcome => outcome is Outcome.Applied);
            closed += applied;

            // What was refused was paid meanwhile, or is another node's now.
            if (due.Count < RoundMax || applied == 0)
            {
                return closed;
            }
        }
    }
}

/// <summary>Takes approved withdrawals to the payout provider, and asks again for those of which nothing was heard.</summary>
/// <remarks>The provider is asked only after the state <c>sending</c> is committed. A node that is killed before or after it asked leaves a
/// withdrawal that is due again, and the withdrawal's id is the same: the provider pays once.</remarks>
public sealed partial class PayoutRun(
    Database database, LaneSet lanes, MemberBooks books, IPayoutProvider provider, BalanceOptions options, TimeProvider clock, ILogger<PayoutRun> logger)
{
    private const int RoundMax = 64;

    private const int AtOnceMax = 8;

    // What another provider was asked for, it is asked for to the end. No money leaves for a tenant that is suspended.
    private const string FindDue = """
        SELECT w.tenant_id AS Tenant, t.code AS TenantCode, w.withdrawal_id AS Id, w.attempts AS Attempts
        FROM balance_withdrawals w JOIN tenants t ON t.id = w.tenant_id
        WHERE w.due_at <= @Now AND (w.provider IS NULL OR w.provider = @Provider) AND t.suspended_at IS NULL ORDER BY w.due_at LIMIT @Limit
        """;

    /// <summary>Holds its commands back when this node has lost its lease; null asks for none, as where one process writes.</summary>
    public LeaseFence? Fence { get; init; }

    /// <summary>Runs until nothing is due.</summary>
    /// <returns>How often the provider was asked.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        long asked = 0;
        while (true)
        {
            var arguments = new { Now = Instant.Now(clock).UnixMicroseconds, Provider = provider.Name, Limit = RoundMax };
            var due = await DueRow.FindAsync(database, "balance.payouts_due", FindDue, arguments, cancellationToken);
            var sent = 0;
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(due, parallel, async (row, token) =>
            {
                if (await SendAsync(row, token))
                {
                    Interlocked.Increment(ref sent);
                }
            });
            asked += sent;
            if (due.Count < RoundMax || sent == 0)
            {
                return asked;
            }
        }
    }

    private async Task<bool> SendAsync(DueRow row, CancellationToken cancellationToken)
    {
        var tenant = new TenantId(row.Tenant);
        var begin = new BeginPayout(tenant, row.Id, provider.Name, options.RetryAfter(row.Attempts + 1), books) { Fence = Fence };
        if (await lanes.SubmitAsync(begin, cancellationToken) is not Outcome.Applied { Reply: WithdrawalReply withdrawal })
        {
            return false;
        }

        var currency = CurrencyOf(tenant);
        var order = new PayoutOrder(row.Id, withdrawal.MemberId, withdrawal.Amount, currency, withdrawal.Destination)
        {
            Tenant = tenant == Tenant.Platform ? null : row.TenantCode,
        };
        switch (await provider.SendAsync(order, cancellationToken))
        {
            case PayoutAnswer.Accepted accepted:
                await lanes.SubmitAsync(new NotePayout(tenant, row.Id, accepted.ProviderReference, accepted.AskAgainAfter, books), cancellationToken);
                break;
            case PayoutAnswer.Paid paid:
                await EndAsync(tenant, row.Id, new PayoutEnd(true, paid.ProviderReference, null), cancellationToken);
                break;
            case PayoutAnswer.Failed failed:
                await EndAsync(tenant, row.Id, new PayoutEnd(false, null, failed.Reason), cancellationToken);
                break;
            case PayoutAnswer.Unknown unknown:
                NotAnswered(logger, provider.Name, unknown.Error, withdrawal.Attempts);
                break;
        }

        return true;
    }

    // What cannot be noted now is asked for again, and the provider says the same. What is refused was ended otherwise meanwhile: somebody's
    // word stands against the provider's, and a person has to look.
    private async Task EndAsync(TenantId tenant, string id, PayoutEnd end, CancellationToken cancellationToken)
    {
        if (await lanes.SubmitAsync(new EndPayout(tenant, id, end, books), cancellationToken) is Outcome.Refused { Refusal.Code: var code })
        {
            EndedOtherwise(logger, provider.Name, end.IsPaid ? "paid" : "failed", id, code);
        }
    }

    private string CurrencyOf(TenantId tenant) => books.Programmes.Latest(tenant)!.Programme.Currency;

    [LoggerMessage(140, LogLevel.Warning, "The payout provider {Provider} gave no clear answer ({Error}) to request {Attempt} for a withdrawal; it is asked again.")]
    private static partial void NotAnswered(ILogger logger, string provider, string error, int attempt);

    [LoggerMessage(141, LogLevel.Error, "The payout provider {Provider} says {End} of the withdrawal {Withdrawal}, which has ended otherwise ({Code}).")]
    private static partial void EndedOtherwise(ILogger logger, string provider, string end, string withdrawal, string code);
}

/// <summary>A recharge or withdrawal that a job has to look at.</summary>
internal sealed class DueRow
{
    public int Tenant { get; init; }

    /// <summary>Read for payouts alone.</summary>
    public string? TenantCode { get; init; }

    public required string Id { get; init; }

    public int Attempts { get; init; }

    public static async Task<IReadOnlyList<DueRow>> FindAsync(
        Database database, string statement, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin(statement);
        return (await session.Connection.QueryAsync<DueRow>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
    }
}
