using System.Globalization;
using Laurel.Engine.Replicas;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.GraphQL;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Points;

/// <summary>Asks for movements.</summary>
[GraphQLType("Query")]
internal sealed class RecordQueries(Doors doors, RecordPages pages, MemberNodes members)
{
    internal static readonly Door List = new(HttpMethods.Get, "/api/points/records");

    [GraphQLField("pointsRecords")]
    public async Task<Resolved<PointsRecordsResponse>> ListAsync(RecordQueryInput? input, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var call = new DoorCall(List);
        var admission = await doors.AdmitAsync(caller, input?.Filter?.Ask(call) ?? call, cancellationToken);
        if (admission.Refusal is { } refusal)
        {
            return refusal;
        }

        var (page, pageSize) = (input?.Page ?? 1, input?.PageSize ?? NumberedPage.SizeByDefault);
        return await pages.FindNumberedAsync(admission.Call, page, pageSize) is var (found, filter)
            ? new PointsRecordsResponse(NodesOf(found), page, pageSize, token => pages.CountAsync(admission.Call, filter, token))
            : Doors.RefusalOf(admission.Call);
    }

    [GraphQLField("pointsRecordsConnection")]
    public async Task<Resolved<PointsRecordConnection>> ConnectAsync(
        RecordFilterInput? filter, int first, string? after, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var call = new DoorCall(List).With(QueryFields.LimitName, first.ToString(CultureInfo.InvariantCulture)).With(QueryFields.CursorName, after);
        var admission = await doors.AdmitAsync(caller, filter?.Ask(call) ?? call, cancellationToken);
        if (admission.Refusal is { } refusal)
        {
            return refusal;
        }

        return await pages.FindAsync(admission.Call) is { } page
            ? new PointsRecordConnection(NodesOf(page), new PageInfo(page.NextCursor))
            : Doors.RefusalOf(admission.Call);
    }

    private IReadOnlyList<RecordNode> NodesOf(PointsRecordPage page) => [.. page.Items.Select(record => new RecordNode(record, members))];
}

/// <summary>What is told of a member beside its own row.</summary>
[GraphQLType("Member")]
internal sealed class RecordsOfMember(Doors doors, ReadRouter router, MemberNodes members)
{
    private const int LimitMax = 100;

    /// <summary>The newest movements of a member, or why the caller is not told.</summary>
    private sealed record Told(IReadOnlyList<PointsRecord> Records, FieldRefusal? Refusal);

    /// <summary>Read for all members of a list together.</summary>
    [GraphQLField("pointsRecords")]
    public async Task<Resolved<IReadOnlyList<RecordNode>>> ListAsync(MemberNode member, int limit, GraphQLCaller caller)
    {
        var wanted = Math.Clamp(limit, 0, LimitMax);
        var loader = caller.LoaderOf<MemberId, Told>(
            (typeof(RecordsOfMember), wanted), queue => new(queue, (ids, token) => ReadAsync(caller, ids, wanted, token), RecentRecords.MembersMax));
        var told = await loader.LoadAsync(member.MemberId);
        return told?.Refusal is { } refusal
            ? refusal
            : Resolved.Of<IReadOnlyList<RecordNode>>([.. (told?.Records ?? []).Select(record => new RecordNode(record, members))]);
    }

    private async ValueTask<IReadOnlyDictionary<MemberId, Told>> ReadAsync(
        GraphQLCaller caller, IReadOnlyList<MemberId> ids, int limit, CancellationToken cancellationToken)
    {
        // Whoever may ask for everybody's names nobody; a member meets itself alone.
        var call = new DoorCall(RecordQueries.List).With("memberId", ids is [var only] ? only.ToString() : null);
        if ((await doors.AdmitAsync(caller, call, cancellationToken)).Refusal is { } refusal)
        {
            return ids.ToDictionary(id => id, _ => new Told([], refusal));
        }

        var read = await router.ReadAsync(default, from => RecentRecords.ReadAsync(from.Database, caller.Tenant, ids, limit, cancellationToken));
        return read.Value.ToDictionary(one => one.Key, one => new Told(one.Value, null));
    }
}

/// <summary>Corrects figures by hand.</summary>
[GraphQLType("Mutation")]
internal sealed class AdjustingMutations(MemberNodes members, ProgrammeKind programmes, TimeProvider clock)
{
    private const string ReferenceType = "graphql";

    /// <summary>More than any operation takes.</summary>
    private const decimal AmountMax = 1_000_000_000_000_000_000_000m;

    private static readonly Door s_points = new(HttpMethods.Post, "/api/points/adjust");
    private static readonly Door s_balance = new(HttpMethods.Post, "/api/balance/adjust");

    [GraphQLField("adjustMemberPoints")]
    public Task<Resolved<MemberNode>> AdjustPointsAsync(string id, int points, string reason, GraphQLCaller caller, FieldRequest field)
    {
        var call = DoorCall.Of(s_points, field).Saying(body =>
        {
            body.WriteString("memberId", id);
            body.WriteNumber("points", points);
            body.WriteString("reason", reason);
            body.WriteString("referenceType", ReferenceType);
            body.WriteString("referenceId", ReferenceOf(caller, field));
        });
        return members.ChangeAsync(call, id, caller, field.CancellationToken);
    }

    [GraphQLField("adjustMemberBalance")]
    public Task<Resolved<MemberNode>> AdjustBalanceAsync(string id, double amount, string reason, GraphQLCaller caller, FieldRequest field)
    {
        // The shortest text that is read back as the same number is what the caller has written.
        var text = amount.ToString("R", CultureInfo.InvariantCulture);
        var major = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && Math.Abs(exact) < AmountMax ? exact : AmountMax;
        var minor = major * Currency.Find(programmes.Latest(caller.Tenant)!.Programme.Currency)!.MinorUnits;
        var call = DoorCall.Of(s_balance, field).Saying(body =>
        {
            body.WriteString("memberId", id);
            body.WritePropertyName("amount");

            // Parts of a minor unit are sent as they are: the operation says what is wrong with them.
            body.WriteRawValue((minor == decimal.Truncate(minor) ? decimal.Truncate(minor) : minor).ToString(CultureInfo.InvariantCulture));
            body.WriteString("reason", reason);
            body.WriteString("operator", caller.Actor is { } actor ? actor.Name : "");
            body.WriteString("referenceType", ReferenceType);
            body.WriteString("referenceId", ReferenceOf(caller, field));
        });
        return members.ChangeAsync(call, id, caller, field.CancellationToken);
    }

    /// <summary>What tells the correction apart from every other: the document's key and the field, or an id of its own where it has no key.</summary>
    private string ReferenceOf(GraphQLCaller caller, FieldRequest field)
    {
        var key = caller.Context.Request.Headers[WriteRequests.IdempotencyHeader].ToString();
        return key.Length == 0
            ? Guid.CreateVersion7(clock.GetUtcNow()).ToString("N")
            : TextOf(Hash128.Of(caller.Tenant.Value, ReferenceType, key, field.Nodes[0].ResponseName));
    }

    private static string TextOf(Hash128 hash) => string.Create(CultureInfo.InvariantCulture, $"{hash.High:x16}{hash.Low:x16}");
}
