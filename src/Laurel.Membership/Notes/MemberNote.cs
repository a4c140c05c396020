using System.Collections.Immutable;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;

namespace Laurel.Membership.Notes;

/// <summary>What the staff notes about a member, as it is stored.</summary>
/// <param name="Sealed">The text under the member's data key.</param>
/// <param name="Author">The name of the key or the id of the user that wrote it.</param>
public sealed record MemberNote(long Id, byte[] Sealed, string Author, Instant CreatedAt)
{
    /// <summary>Characters of a note at the most.</summary>
    public const int TextLengthMax = 2_000;
}

/// <summary>The notes about a member: at most <see cref="Max"/>. A part of the member's book.</summary>
public sealed class NoteBook
{
    /// <summary>Notes about a member at the most.</summary>
    public const int Max = 200;

    private ImmutableDictionary<long, MemberNote> _stored = ImmutableDictionary<long, MemberNote>.Empty;
    private ImmutableDictionary<long, MemberNote> _current = ImmutableDictionary<long, MemberNote>.Empty;

    /// <summary>Whether all notes about the member are here.</summary>
    public bool IsLoaded { get; private set; }

    public int Count => _current.Count;

    public IEnumerable<MemberNote> All => _current.Values;

    internal IEnumerable<MemberNote> New => _current.Values.Where(note => !_stored.ContainsKey(note.Id));

    internal IEnumerable<MemberNote> Changed =>
        _current.Values.Where(note => _stored.TryGetValue(note.Id, out var stored) && !ReferenceEquals(stored, note));

    internal IEnumerable<MemberNote> Removed => _stored.Values.Where(note => !_current.ContainsKey(note.Id));

    public MemberNote? Find(long id) => _current.GetValueOrDefault(id);

    /// <summary>Takes what is stored, once.</summary>
    public void Load(IEnumerable<MemberNote> stored)
    {
        if (!IsLoaded)
        {
            _stored = _current = stored.ToImmutableDictionary(note => note.Id);
            IsLoaded = true;
        }
    }

    public void Add(MemberNote note) => _current = _current.Add(note.Id, note);

    /// <summary>Puts a note in the place of the one with its id.</summary>
    public void Put(MemberNote note) => _current = _current.SetItem(note.Id, note);

    public void Remove(long id) => _current = _current.Remove(id);

    public void Clear() => _current = _current.Clear();

    public NoteBook Copy() => (NoteBook)MemberwiseClone();
}

/// <summary>The SQL of notes.</summary>
internal static class NoteStatements
{
    private sealed record Row(int Tenant, long Member, MemberNote Note);

    public static readonly SetStatement<PersonalStatements.MemberKey> Read = Statements.Find(
        "n.member_id, n.id, n.sealed, n.author, n.created_at", "member_notes n", "",
        Column<PersonalStatements.MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<PersonalStatements.MemberKey>.Int64("member_id", k => k.Member));

    private static readonly Column<Row>[] s_keys =
    [
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Int64("id", r => r.Note.Id),
    ];

    private static readonly Column<Row>[] s_columns =
    [
        .. s_keys,
        Column<Row>.Bytes("sealed", r => r.Note.Sealed),
        Column<Row>.Text("author", r => r.Note.Author),
        Column<Row>.Instant("created_at", r => r.Note.CreatedAt),
    ];

    private static readonly SetStatement<Row> s_insert = Statements.Insert("member_notes", s_columns);

    private static readonly SetStatement<Row> s_update = Statements.Update("member_notes", keys: 3, s_columns);

    private static readonly SetStatement<Row> s_delete = new(
        sqlite: "DELETE FROM member_notes WHERE tenant_id = $1 AND member_id = $2 AND id = $3",
        postgres: """
            DELETE FROM member_notes n USING unnest($1, $2, $3) k (tenant_id, member_id, id)
            WHERE n.tenant_id = k.tenant_id AND n.member_id = k.member_id AND n.id = k.id
            """,
        s_keys);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var having = books.Where(book => book.HasNotes).ToList();
        if (having.Count > 0)
        {
            builder.Add(s_delete, RowsOf(having, notes => notes.Removed));
            builder.Add(s_insert, RowsOf(having, notes => notes.New));
            builder.Add(s_update, RowsOf(having, notes => notes.Changed));
        }
    }

    private static List<Row> RowsOf(IReadOnlyList<MemberBook> books, Func<NoteBook, IEnumerable<MemberNote>> which) =>
        [.. from book in books from note in which(book.Notes) select new Row(book.Identity.Tenant.Value, book.Identity.Id.Value, note)];
}

/// <summary>Reads all notes about members: they are few.</summary>
internal sealed class NoteLoader(MemberKind members) : ChildLoader<PersonalStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<PersonalStatements.MemberKey> needs)
    {
        var found = new List<(long Member, MemberNote Note)>();
        builder.Add(NoteStatements.Read, needs, row => found.Add((row.Int64(0), new MemberNote(row.Int64(1), row.Bytes(2), row.Text(3), row.Instant(4)))));
        return set =>
        {
            var notes = found.ToLookup(one => one.Member, one => one.Note);
            foreach (var need in needs)
            {
                set.Loaded<MemberBook>(members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member))).Notes.Load(notes[need.Member]);
            }
        };
    }
}
