using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.RealNames;

/// <summary>How far the check of a real name is.</summary>
public enum RealNameState
{
    /// <summary>It has the right form, and nobody has said yet whether it is right.</summary>
    Pending,
    Verified,

    /// <summary>It was said not to be right, or its card verifies as many members as it may.</summary>
    Refused,

    /// <summary>Staff has taken the verification back.</summary>
    Withdrawn,
}

/// <summary>The check of one member's real name, under the member's id. Number and name are kept only while they wait or are verified.</summary>
/// <remarks>Keeps I34.</remarks>
public sealed class RealName : RowAggregate
{
    public required RealNameState State { get; set; }

    /// <summary>The number of the identity card, sealed by the member's data key.</summary>
    public byte[]? Card { get; set; }

    /// <summary>What finds equal numbers; null where none is kept.</summary>
    public Hash128? CardIndex { get; set; }

    /// <summary>The name that was told with it, sealed.</summary>
    public byte[]? Name { get; set; }

    /// <summary>The place of the card that the member has; null where it has none.</summary>
    public long? CardUse { get; set; }

    /// <summary>The last attempt: an answer to an earlier one counts no more.</summary>
    public required long Attempt { get; set; }

    /// <summary>The business day that <see cref="Attempts"/> counts.</summary>
    public required int AttemptsOn { get; set; }

    public required int Attempts { get; set; }

    /// <summary>Who was asked last: <see cref="IRealNameProvider.Name"/>.</summary>
    public required string Provider { get; set; }

    public required Instant ChangedAt { get; set; }

    /// <summary>Ends the wait, or the verification: nothing is kept of what was told.</summary>
    public void End(RealNameState state, Instant now) => (State, Card, CardIndex, Name, CardUse, ChangedAt) = (state, null, null, null, null, now);

    internal static RowKind<RealName> Kind { get; } = new(29, "real_names", Read,
        Column<RealName>.OpenText("state", r => NameOf(r.State)),
        Column<RealName>.Bytes("card", r => r.Card),
        Column<RealName>.Bytes("card_index", r => r.CardIndex?.ToBytes()),
        Column<RealName>.Bytes("real_name", r => r.Name),
        Column<RealName>.NullableInt64("card_use", r => r.CardUse),
        Column<RealName>.Int64("attempt", r => r.Attempt),
        Column<RealName>.Int32("attempts_on", r => r.AttemptsOn),
        Column<RealName>.Int32("attempts", r => r.Attempts),
        Column<RealName>.OpenText("provider", r => r.Provider),
        Column<RealName>.Instant("changed_at", r => r.ChangedAt));

    public static string NameOf(RealNameState state) => state switch
    {
        RealNameState.Pending => "pending",
        RealNameState.Verified => "verified",
        RealNameState.Refused => "refused",
        RealNameState.Withdrawn => "withdrawn",
    };

    public static RealNameState StateOf(string name) => name switch
    {
        "pending" => RealNameState.Pending,
        "verified" => RealNameState.Verified,
        "refused" => RealNameState.Refused,
        "withdrawn" => RealNameState.Withdrawn,
        _ => throw new InvariantBrokenException($"There is no state {name} of real names."),
    };

    private static RealName Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        State = StateOf(row.Text(2)),
        Card = row.BytesOrNull(3),
        CardIndex = row.BytesOrNull(4) is { } index ? Hash128.FromBytes(index) : null,
        Name = row.BytesOrNull(5),
        CardUse = row.Int64OrNull(6),
        Attempt = row.Int64(7),
        AttemptsOn = row.Int32(8),
        Attempts = row.Int32(9),
        Provider = row.Text(10),
        ChangedAt = row.Instant(11),
    };
}

/// <summary>One of the places that an identity card has: the member that it verifies.</summary>
/// <remarks>Places are rows of their own, so that two members who are verified at once by one card meet at its lock.</remarks>
public sealed class IdentityCardUse : RowAggregate
{
    public required Hash128 CardIndex { get; init; }

    /// <summary>Null only where a node before 0056 has freed the place: a free one has no row.</summary>
    public required long? Member { get; set; }

    internal static RowKind<IdentityCardUse> Kind { get; } = new(17, "identity_card_uses", Read,
        Column<IdentityCardUse>.Hash("card_index", u => u.CardIndex),
        Column<IdentityCardUse>.NullableInt64("member_id", u => u.Member))
    {
        HasPersonalIds = true,
    };

    /// <summary>The places of a card.</summary>
    public static IEnumerable<RootRef> PlacesOf(TenantId tenant, Hash128 card, int count) => Enumerable.Range(1, count).Select(place =>
    {
        var hash = Hash128.Of(tenant.Value, "identity card", place.ToString(CultureInfo.InvariantCulture), $"{card.High:x}-{card.Low:x}");
        return Kind.RootOf(tenant, (long)(hash.Low >> 1));
    });

    /// <summary>Gives a member a place of the card: the one that it has, or one that is free.</summary>
    /// <returns>The place; null where others have them all.</returns>
    internal static long? Take(Draft draft, IReadOnlyList<RootRef> places, Hash128 card, long member)
    {
        var known = places.Select(place => (Place: place, Use: draft.Find<IdentityCardUse>(place))).ToList();
        var (own, use) = known.Find(one => one.Use is { } held && held.Member == member && held.CardIndex == card);
        if (use is not null)
        {
            return own.Id;
        }

        var free = known.FindIndex(one => one.Use is null || (one.Use.Member is null && one.Use.CardIndex == card));
        if (free < 0)
        {
            return null;
        }

        var root = known[free].Place;
        if (draft.Edit<IdentityCardUse>(root) is { } again)
        {
            again.Member = member;
        }
        else
        {
            draft.Create(root, new IdentityCardUse { Tenant = root.Tenant, Id = root.Id, CardIndex = card, Member = member });
        }

        return root.Id;
    }

    /// <summary>Frees a member's place.</summary>
    internal static void Free(Draft draft, TenantId tenant, long place, long member)
    {
        var root = Kind.RootOf(tenant, place);
        if (draft.Find<IdentityCardUse>(root)?.Member == member)
        {
            draft.Remove(root);
        }
    }

    private static IdentityCardUse Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        CardIndex = row.Hash(2),
        Member = row.Int64OrNull(3),
    };
}
