using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Laurel.Engine.Events;
using Laurel.Engine.Replicas;
using Laurel.GraphQL.Binding;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.GraphQL;

namespace Laurel.Membership.Points;

/// <summary>Tells of points as they move.</summary>
[GraphQLType("Subscription")]
internal sealed class PointsSubscriptions(Doors doors, EventFeed feed, ReadRouter router, MemberNodes members)
{
    /// <summary>Movements that wait for one reader at the most; then its stream ends, and it opens another.</summary>
    private const int WaitingMax = 256;

    [GraphQLField("pointsUpdated")]
    public async Task<Resolved<IAsyncEnumerable<RecordNode>>> ListenAsync(string userId, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var call = new DoorCall(RecordQueries.List).With("memberId", userId);
        var admission = await doors.AdmitAsync(caller, call, cancellationToken);
        if (admission.Refusal is { } refusal)
        {
            return refusal;
        }

        // What is no id moves no points.
        return Resolved.Of(TellAsync(MemberId.TryParse(userId, out var member) ? member : default, call, caller, CancellationToken.None));
    }

    private async IAsyncEnumerable<RecordNode> TellAsync(
        MemberId member, DoorCall call, GraphQLCaller caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waiting = Channel.CreateBounded<long>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
        using var listening = feed.Listen(caller.Tenant, member.Value, happened =>
        {
            if (EntryOf(happened) is { } entry && !waiting.Writer.TryWrite(entry))
            {
                waiting.Writer.TryComplete();
            }
        });
        await foreach (var entry in waiting.Reader.ReadAllAsync(cancellationToken))
        {
            // Who may no longer ask for the list is told of nothing more.
            if ((await doors.AdmitAsync(caller, call, cancellationToken)).Refusal is not null)
            {
                yield break;
            }

            if (await router.ReadNewestAsync(from => PointsQueries.FindAsync(from, caller.Tenant, member, entry, cancellationToken)) is { } record)
            {
                yield return new RecordNode(record, members);
            }
        }
    }

    /// <summary>The entry of points that an event tells of; null where it tells of something else.</summary>
    private static long? EntryOf(EventRecord happened)
    {
        if (!happened.Type.StartsWith("points.", StringComparison.Ordinal))
        {
            return null;
        }

        using var document = JsonDocument.Parse(happened.CloudEvent);
        return document.RootElement.GetProperty("data").TryGetProperty("entry_id", out var entry)
            && long.TryParse(entry.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? id
                : null;
    }
}
