using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Profiles;
using Laurel.Platform.Vault;

namespace Laurel.Membership.RealNames;

/// <summary>A check as it was read, which commands look at again under its lock.</summary>
/// <param name="Card">What finds the number; null where none is kept.</param>
/// <param name="HeldPlace">The place of a card that the member has; null where it has none.</param>
internal sealed record RealNameSeen(Hash128? Card, long? HeldPlace);

/// <summary>A member's real name as it is shown.</summary>
public sealed record RealNameStanding
{
    public required string MemberId { get; init; }

    /// <summary>Whether the member's real name is verified, by whomever.</summary>
    public required bool Verified { get; init; }

    /// <summary><c>pending</c>, <c>verified</c>, <c>refused</c>, <c>withdrawn</c>; null where nothing was ever told here.</summary>
    public required string? State { get; init; }

    /// <summary>Why it was refused: <c>mismatch</c> or <c>card_used</c>; told by the call that was refused.</summary>
    public string? Reason { get; init; }

    /// <summary>The name that waits or is verified: its first character.</summary>
    public required string? RealName { get; init; }

    /// <summary>The number that waits or is verified: its first and its last character.</summary>
    public required string? IdentityCard { get; init; }

    /// <summary>Who was asked last.</summary>
    public required string? Provider { get; init; }

    /// <summary>Names what waits or was decided last: whoever decides says by it what was seen. Null where nothing was ever told here.</summary>
    public required string? Attempt { get; init; }
}

/// <summary>Reads checks of real names.</summary>
public sealed class RealNameQueries(Database database, PersonalDataVault vault)
{
    private const string Find = """
        SELECT m.real_name_verified AS Verified, r.state AS State, r.card AS Card, r.card_index AS CardIndex, r.real_name AS Name, r.card_use AS CardUse,
            r.provider AS Provider, r.attempt AS Attempt, p.wrapped_key AS WrappedKey
        FROM members m
        LEFT JOIN real_names r ON r.tenant_id = m.tenant_id AND r.id = m.id
        LEFT JOIN personal_data p ON p.tenant_id = m.tenant_id AND p.member_id = m.id
        WHERE m.tenant_id = @Tenant AND m.id = @Member
        """;

    private sealed class Row
    {
        public int Verified { get; init; }

        public string? State { get; init; }

        public byte[]? Card { get; init; }

        public byte[]? CardIndex { get; init; }

        public byte[]? Name { get; init; }

        public long? CardUse { get; init; }

        public string? Provider { get; init; }

        public long? Attempt { get; init; }

        public byte[]? WrappedKey { get; init; }
    }

    /// <summary>How a member's real name stands; null where there is no such member.</summary>
    public async Task<RealNameStanding?> StandingAsync(TenantId tenant, MemberId member, CancellationToken cancellationToken)
    {
        if (await FindAsync(tenant, member, cancellationToken) is not { } row)
        {
            return null;
        }

        using var key = row.WrappedKey is { } wrapped ? vault.OpenKey(tenant, member, wrapped) : null;
        return new RealNameStanding
        {
            MemberId = member.ToString(),
            Verified = row.Verified == 1,
            State = row.State,
            RealName = key is not null && row.Name is { } name ? ProfileReply.HideName(key.Decrypt(PersonalField.RealName, name)) : null,
            IdentityCard = key is not null && row.Card is { } card ? Hide(key.Decrypt(PersonalField.IdentityCard, card)) : null,
            Provider = row.Provider,
            Attempt = row.Attempt?.ToString(CultureInfo.InvariantCulture),
        };
    }

    internal async Task<RealNameSeen?> SeenAsync(TenantId tenant, MemberId member, CancellationToken cancellationToken) =>
        await FindAsync(tenant, member, cancellationToken) is { State: not null } row
            ? new RealNameSeen(row.CardIndex is { } index ? Hash128.FromBytes(index) : null, row.CardUse)
            : null;

    private static string Hide(string number) => $"{number[0]}{new string('*', number.Length - 2)}{number[^1]}";

    private async Task<Row?> FindAsync(TenantId tenant, MemberId member, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("members.real_name");
        var arguments = new { Tenant = tenant.Value, Member = member.Value };
        return await session.Connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(Find, arguments, cancellationToken: cancellationToken));
    }
}
