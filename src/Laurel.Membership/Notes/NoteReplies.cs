using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Notes;

/// <summary>What <c>POST /api/members/{id}/notes</c> asks for.</summary>
public sealed record NoteBody
{
    public required string Text { get; init; }
}

/// <summary>A note as an answer shows it.</summary>
public sealed record NoteReply
{
    public required string Id { get; init; }

    public required string Text { get; init; }

    /// <summary>The name of the key or the id of the user that wrote it.</summary>
    public required string Author { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The notes about a member.</summary>
/// <param name="Items">Newest first.</param>
public sealed record NoteList(IReadOnlyList<NoteReply> Items);

/// <summary>Reads notes.</summary>
/// <param name="vault">Opens what they say.</param>
public sealed class NoteQueries(PersonalDataVault vault)
{
    private const string OfMember = """
        SELECT n.id AS Id, n.sealed AS Sealed, n.author AS Author, n.created_at AS CreatedAt, p.wrapped_key AS WrappedKey
        FROM member_notes n JOIN personal_data p ON p.tenant_id = n.tenant_id AND p.member_id = n.member_id
        WHERE n.tenant_id = @Tenant AND n.member_id = @Member ORDER BY n.id DESC
        """;

    private sealed class Row
    {
        public long Id { get; init; }

        public required byte[] Sealed { get; init; }

        public required string Author { get; init; }

        public long CreatedAt { get; init; }

        public required byte[] WrappedKey { get; init; }
    }

    public async Task<NoteList> ListAsync(Database from, TenantId tenant, MemberId member, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.notes");
        var arguments = new { Tenant = tenant.Value, Member = member.Value };
        var rows = (await session.Connection.QueryAsync<Row>(new CommandDefinition(OfMember, arguments, cancellationToken: cancellationToken))).AsList();
        if (rows.Count == 0)
        {
            return new NoteList([]);
        }

        using var key = vault.OpenKey(tenant, member, rows[0].WrappedKey);
        return new NoteList([.. rows.Select(row => new NoteReply
        {
            Id = row.Id.ToString(CultureInfo.InvariantCulture),
            Text = key.Decrypt(PersonalField.Note, row.Sealed),
            Author = row.Author,
            CreatedAt = new Instant(row.CreatedAt).ToDateTimeOffset(),
        })]);
    }
}
