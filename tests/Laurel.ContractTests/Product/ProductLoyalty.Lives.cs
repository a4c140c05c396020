using System.Globalization;
using Laurel.ContractTests.Model;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using ModelOutcome = Laurel.ContractTests.Model.Outcome;
using Outcome = Laurel.Engine.Lanes.Outcome;

namespace Laurel.ContractTests.Product;

/// <content>What moves the life of points.</content>
public sealed partial class ProductLoyalty
{
    private readonly Dictionary<string, long> _lots = [];

    public async Task<ModelOutcome> EarnLaterAsync(Operation.EarnLater operation, CancellationToken cancellationToken)
    {
        var command = new EarnPoints(s_tenant, Named(operation.Member), Request(operation.Points), books)
        {
            Time = At(operation),
            ActiveAt = operation.ActiveAt is { } activeAt ? Instant.From(activeAt) : null,
            PendingEvent = operation.CancelAt is null ? null : "shipped",
            CancelAt = operation.CancelAt is { } cancelAt ? Instant.From(cancelAt) : null,
        };
        var outcome = await SubmitAsync(operation, command, cancellationToken);
        if (outcome is Outcome.Applied { Reply: PostingReply reply })
        {
            _lots[operation.Lot] = long.Parse(reply.Entries[0].Id, CultureInfo.InvariantCulture);
        }

        return Translate(outcome);
    }

    public async Task<ModelOutcome> EndWaitingAsync(Operation.EndWaiting operation, CancellationToken cancellationToken)
    {
        var lot = _lots.GetValueOrDefault(operation.Lot, 1);
        Command command = operation.Activates
            ? new ActivateLot(s_tenant, Named(operation.Member), lot, "script", books) { Time = At(operation) }
            : new CancelLot(s_tenant, Named(operation.Member), lot, "script", books) { Time = At(operation) };
        return Translate(await SubmitAsync(operation, command, cancellationToken));
    }

    public async Task<ModelOutcome> ExtendAsync(Operation.Extend operation, CancellationToken cancellationToken)
    {
        var request = new ExtendRequest
        {
            LotIds = [],
            ExpiringBefore = Instant.From(operation.ExpiringBefore),
            ExpiresAt = operation.ExpiresAt is { } end ? Instant.From(end) : null,
            Days = operation.Days,
            Reason = "script",
            Operator = "script",
            Reference = NextReference(),
        };
        return Translate(await SubmitAsync(operation, new ExtendLots(s_tenant, Named(operation.Member), request, books) { Time = At(operation) }, cancellationToken));
    }

    public async Task<ModelOutcome> ReinstateAsync(Operation.Reinstate operation, CancellationToken cancellationToken)
    {
        var request = new ReinstateRequest
        {
            WindowDays = operation.WindowDays,
            ExpiryId = null,
            ExpiresAt = null,
            Reason = "script",
            Reference = NextReference(),
        };
        return Translate(await SubmitAsync(operation, new ReinstatePoints(s_tenant, Named(operation.Member), request, books) { Time = At(operation) }, cancellationToken));
    }

    public async Task<ModelOutcome> RequestReturnAsync(Operation.RequestReturn operation, CancellationToken cancellationToken)
    {
        var part = new RefundRequest
        {
            OrderId = operation.Part.OrderId,
            RefundId = operation.Part.RefundId,
            Amount = operation.Part.Amount,
            Lines = [.. (operation.Part.Lines ?? []).Select(line => new RefundLineRequest(line.LineId, line.Amount))],
        };
        var origin = new EventOrigin("script", "order.return_requested", part.OrderId + "/" + part.RefundId);
        return Translate(await SubmitAsync(operation, new RequestReturn(s_tenant, part, origin, books) { Time = At(operation) }, cancellationToken));
    }

    public async Task<ModelOutcome> RejectReturnAsync(Operation.RejectReturn operation, CancellationToken cancellationToken)
    {
        var origin = new EventOrigin("script", "order.return_rejected", operation.OrderId + "/rejected/" + operation.ReturnId);
        var command = new RejectReturn(s_tenant, operation.OrderId, operation.ReturnId, origin, books) { Time = At(operation) };
        return Translate(await SubmitAsync(operation, command, cancellationToken));
    }
}
