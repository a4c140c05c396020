using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Profiles;

/// <summary>A member whose profile is complete and of whom that is still to be told.</summary>
/// <remarks>Keeps I27. Whatever completes a profile writes it down in its own commit, so that no road forgets to tell it and none that breaks off does.</remarks>
internal readonly record struct ProfileCompletion(int Tenant, long Member)
{
    private static readonly Column<ProfileCompletion>[] s_keys =
        [Column<ProfileCompletion>.Int32("tenant_id", c => c.Tenant), Column<ProfileCompletion>.Int64("member_id", c => c.Member)];

    /// <summary>Writes down that it is to be told.</summary>
    public static readonly SetStatement<ProfileCompletion> Note = Statements.InsertMissing("profile_completions", s_keys);

    /// <summary>It was told, or nobody is there any more of whom it could be.</summary>
    public static readonly SetStatement<ProfileCompletion> Forget = new(
        sqlite: "DELETE FROM profile_completions WHERE tenant_id = $1 AND member_id = $2",
        postgres: "DELETE FROM profile_completions p USING unnest($1, $2) k (tenant_id, member_id) WHERE p.tenant_id = k.tenant_id AND p.member_id = k.member_id",
        s_keys);

    public static ProfileCompletion Of(MemberBook book) => new(book.Identity.Tenant.Value, book.Identity.Id.Value);
}

/// <summary>Tells that profiles are complete and lets the rules pay for it: once for each member, however often it is told.</summary>
public sealed class ProfileCompletions(Database database, LaneSet lanes, MemberBooks books)
{
    private const int MembersOfPage = 512;

    /// <summary>Who tells of profiles that they are complete. With the member's id it names the event once and for all.</summary>
    private const string EventSource = "laurel";

    private const string Find =
        "SELECT c.tenant_id AS Tenant, c.member_id AS Member FROM profile_completions c ORDER BY c.tenant_id, c.member_id LIMIT @Limit";

    private sealed class Row
    {
        public int Tenant { get; init; }

        public long Member { get; init; }
    }

    /// <summary>The event of a member. Whoever may not earn is not paid, then or later.</summary>
    public static ReceiveEvent Of(TenantId tenant, MemberId member, MemberBooks books) => new(
        tenant, MemberReference.ById(member), new EventFacts(EventTypes.ProfileCompleted, EventSource, member.ToString(), EventFacts.NoData), books);

    /// <summary>Tells of everybody who is written down. Whoever could not be told now stays so for the next run.</summary>
    /// <returns>Members who were told of.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        for (var told = 0; ;)
        {
            var page = await FindAsync(cancellationToken);
            var done = new List<ProfileCompletion>(page.Count);
            await lanes.SubmitManyAsync(
                page.Select(one => Of(new TenantId(one.Tenant), new MemberId(one.Member), books)),
                Sweep.MembersInFlight,
                (place, outcome) => done.AddRange(outcome is Outcome.Failed ? [] : [page[place]]),
                cancellationToken);
            var strike = new LaneWrite("profiles", Reach.Of(done.Select(one => new TenantId(one.Tenant)))).Add(ProfileCompletion.Forget, done);
            var isStruck = done.Count > 0 && await lanes.SubmitAsync(strike, cancellationToken) is Outcome.Applied;
            told += isStruck ? done.Count : 0;
            if (page.Count < MembersOfPage || done.Count < page.Count || !isStruck)
            {
                return told;
            }
        }
    }

    private async Task<IReadOnlyList<ProfileCompletion>> FindAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
        using var timed = database.Times.Begin("profiles.completed");
        var found = await session.Connection.QueryAsync<Row>(new CommandDefinition(Find, new { Limit = MembersOfPage }, cancellationToken: cancellationToken));
        return [.. found.Select(row => new ProfileCompletion(row.Tenant, row.Member))];
    }
}
