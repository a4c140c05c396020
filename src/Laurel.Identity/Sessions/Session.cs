using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity.Users;
using Laurel.Kernel;

namespace Laurel.Identity.Sessions;

/// <summary>Why a session is over.</summary>
public static class SessionEnd
{
    public const string LoggedOut = "logged_out";

    /// <summary>A refresh token came a second time: somebody else may have it.</summary>
    public const string Reused = "reused";

    /// <summary>The user signed in on more devices than are kept.</summary>
    public const string Displaced = "displaced";

    // "revoked" stands where all sessions of a user were ended before they had epochs (0056).
}

/// <summary>What began with a sign-in: one refresh token after the other, each good for one more access token.</summary>
public sealed class Session : RowAggregate
{
    public const int DeviceLengthMax = 120;

    public required long User { get; init; }

    /// <summary>That of its user when it began: it is over when the user's is another.</summary>
    public required long Epoch { get; init; }

    /// <summary>What its refresh tokens are made with, sealed.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>The number of the refresh token that is good.</summary>
    public int Generation { get; set; }

    /// <summary>What the user calls the device; null where it said nothing.</summary>
    public string? Device { get; init; }

    public required Instant CreatedAt { get; init; }

    /// <summary>When the last tokens were made.</summary>
    public required Instant UsedAt { get; set; }

    /// <summary>When it ends unless it is used before.</summary>
    public required Instant ExpiresAt { get; set; }

    public Instant? EndedAt { get; private set; }

    /// <summary>Of <see cref="SessionEnd"/>; null while it lasts.</summary>
    public string? EndedFor { get; private set; }

    /// <summary>Whether it is over, its time or with all others of its user.</summary>
    public bool IsOver(User user, Instant now) => EndedAt is not null || ExpiresAt <= now || Epoch != user.Epoch;

    public void End(string reason, Instant now)
    {
        if (EndedAt is null)
        {
            (EndedAt, EndedFor) = (now, reason);
        }
    }

    internal static RowKind<Session> Kind { get; } = new(24, "sessions", Read,
        Column<Session>.Int64("user_id", s => s.User),
        Column<Session>.Bytes("secret", s => s.Secret),
        Column<Session>.Int32("generation", s => s.Generation),
        Column<Session>.Text("device", s => s.Device),
        Column<Session>.Instant("created_at", s => s.CreatedAt),
        Column<Session>.Instant("used_at", s => s.UsedAt),
        Column<Session>.Instant("expires_at", s => s.ExpiresAt),
        Column<Session>.NullableInt64("ended_at", s => s.EndedAt?.UnixMicroseconds),
        Column<Session>.OpenText("ended_for", s => s.EndedFor),
        Column<Session>.Int64("epoch", s => s.Epoch));

    private static Session Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        User = row.Int64(2),
        Secret = row.Bytes(3),
        Generation = row.Int32(4),
        Device = row.TextOrNull(5),
        CreatedAt = row.Instant(6),
        UsedAt = row.Instant(7),
        ExpiresAt = row.Instant(8),
        EndedAt = row.InstantOrNull(9),
        EndedFor = row.TextOrNull(10),
        Epoch = row.Int64(11),
    };
}
