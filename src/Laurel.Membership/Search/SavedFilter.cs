using System.Globalization;
using System.Text.Json;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Search;

/// <summary>A question about members that somebody asks again. It names no person.</summary>
public sealed class SavedFilter : RowAggregate
{
    public const int NameLengthMax = 64;

    public required string Name { get; set; }

    /// <summary>The name of the key or the id of the user that made it.</summary>
    public required string Owner { get; init; }

    /// <summary>Whether others may ask it too.</summary>
    public required bool Shared { get; set; }

    /// <summary>The <see cref="MemberFilter"/> as JSON.</summary>
    public required string Filter { get; set; }

    /// <summary>Whether it is there no more.</summary>
    public bool Removed { get; set; }

    public required Instant ChangedAt { get; set; }

    internal static RowKind<SavedFilter> Kind { get; } = new(46, "saved_filters", Read,
        Column<SavedFilter>.Text("name", f => f.Name),
        Column<SavedFilter>.Text("owner", f => f.Owner),
        Column<SavedFilter>.Flag("shared", f => f.Shared),
        Column<SavedFilter>.Text("filter", f => f.Filter),
        Column<SavedFilter>.Flag("removed", f => f.Removed),
        Column<SavedFilter>.Instant("changed_at", f => f.ChangedAt));

    internal MemberFilter Question => ReadQuestion(Filter);

    internal static MemberFilter ReadQuestion(string stored)
    {
        var filter = JsonSerializer.Deserialize(stored, MembershipJson.Default.MemberFilter);
        Invariant.Require(filter is not null, "A saved filter is one.");
        return filter;
    }

    private static SavedFilter Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Name = row.Text(2),
        Owner = row.Text(3),
        Shared = row.Flag(4),
        Filter = row.Text(5),
        Removed = row.Flag(6),
        ChangedAt = row.Instant(7),
    };
}

/// <summary>What <c>POST /api/members/filters</c> and <c>PUT /api/members/filters/{id}</c> ask for.</summary>
public sealed record SavedFilterBody
{
    public required string Name { get; init; }

    /// <summary>Whether others may ask it too; false when absent.</summary>
    public bool Shared { get; init; }

    public required MemberFilter Filter { get; init; }
}

/// <summary>A saved filter as an answer shows it.</summary>
public sealed record SavedFilterReply
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    public required bool Shared { get; init; }

    public required MemberFilter Filter { get; init; }
}

/// <summary>The filters that a caller may ask: its own, and those that are shared.</summary>
public sealed record SavedFilterList(IReadOnlyList<SavedFilterReply> Items);

/// <summary>Keeps a question, changes one, or forgets it.</summary>
/// <remarks>Refusals: FILTER_NOT_FOUND, FILTER_OF_ANOTHER.</remarks>
/// <param name="id">0 keeps a new one.</param>
/// <param name="body">Null forgets it.</param>
/// <param name="caller">Who asks.</param>
public sealed class WriteFilter(TenantId tenant, long id, SavedFilterBody? body, string caller) : Command(tenant)
{
    public override long FairnessKey => id;

    public override void NameHandles(HandleResolution handles)
    {
        // Its id alone leads to it.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        if (id != 0)
        {
            roots.Add(SavedFilter.Kind.RootOf(Tenant, id));
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Whoever needs it once sends a key.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        // The row is all there is.
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (id == 0)
        {
            var made = new SavedFilter
            {
                Tenant = Tenant,
                Id = draft.NextId(0),
                Name = body!.Name,
                Owner = caller,
                Shared = body.Shared,
                Filter = Write(body.Filter),
                ChangedAt = draft.Now,
            };
            draft.Create(SavedFilter.Kind.RootOf(Tenant, made.Id), made);
            return Done(made);
        }

        var filter = draft.Edit<SavedFilter>(SavedFilter.Kind.RootOf(Tenant, id));
        if (filter is null or { Removed: true } || (!filter.Shared && filter.Owner != caller))
        {
            return new Decision.Refuse(new Refusal(ErrorCode.FilterNotFound, ("filterId", id.ToString(CultureInfo.InvariantCulture))));
        }

        if (filter.Owner != caller)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.FilterOfAnother));
        }

        filter.ChangedAt = draft.Now;
        if (body is null)
        {
            filter.Removed = true;
        }
        else
        {
            (filter.Name, filter.Shared, filter.Filter) = (body.Name, body.Shared, Write(body.Filter));
        }

        return Done(filter);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        (JsonSerializer.SerializeToUtf8Bytes((SavedFilterReply)reply, MembershipJson.Default.SavedFilterReply), 0);

    private static string Write(MemberFilter filter) => JsonSerializer.Serialize(filter, MembershipJson.Default.MemberFilter);

    private static Decision Done(SavedFilter filter) => new Decision.Apply(
        new SavedFilterReply
        {
            Id = filter.Id.ToString(CultureInfo.InvariantCulture),
            Name = filter.Name,
            Owner = filter.Owner,
            Shared = filter.Shared,
            Filter = filter.Question,
        },
        0, 0, 0);
}

/// <summary>Reads saved filters.</summary>
internal static class FilterQueries
{
    private const int FiltersMax = 500;

    private const string OfCaller = """
        SELECT f.id AS Id, f.name AS Name, f.owner AS Owner, f.shared AS Shared, f.filter AS Filter FROM saved_filters f
        WHERE f.tenant_id = @Tenant AND f.removed = 0 AND (f.owner = @Caller OR f.shared = 1) ORDER BY f.id LIMIT @Limit
        """;

    private const string One = """
        SELECT f.id AS Id, f.name AS Name, f.owner AS Owner, f.shared AS Shared, f.filter AS Filter FROM saved_filters f
        WHERE f.tenant_id = @Tenant AND f.id = @Id AND f.removed = 0 AND (f.owner = @Caller OR f.shared = 1)
        """;

    private sealed class Row
    {
        public long Id { get; init; }

        public required string Name { get; init; }

        public required string Owner { get; init; }

        public int Shared { get; init; }

        public required string Filter { get; init; }
    }

    public static async Task<SavedFilterList> AllAsync(Database from, TenantId tenant, string caller, CancellationToken cancellationToken) =>
        new([.. (await AskAsync(from, tenant, OfCaller, new { Tenant = tenant.Value, Caller = caller, Limit = FiltersMax }, cancellationToken)).Select(ReplyOf)]);

    public static async Task<SavedFilterReply?> FindAsync(Database from, TenantId tenant, long id, string caller, CancellationToken cancellationToken) =>
        (await AskAsync(from, tenant, One, new { Tenant = tenant.Value, Id = id, Caller = caller }, cancellationToken)).Select(ReplyOf).SingleOrDefault();

    private static async Task<IEnumerable<Row>> AskAsync(Database from, TenantId tenant, string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.filters");
        return await session.Connection.QueryAsync<Row>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
    }

    private static SavedFilterReply ReplyOf(Row row) => new()
    {
        Id = row.Id.ToString(CultureInfo.InvariantCulture),
        Name = row.Name,
        Owner = row.Owner,
        Shared = row.Shared == 1,
        Filter = SavedFilter.ReadQuestion(row.Filter),
    };
}
