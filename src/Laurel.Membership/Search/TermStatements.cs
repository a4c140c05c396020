using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;

namespace Laurel.Membership.Search;

/// <summary>The SQL that keeps what members are found by, with the commit that changes it. Who is not renamed, tagged or told of costs no statement.</summary>
/// <remarks>Keeps I32.</remarks>
internal static class TermStatements
{
    private readonly record struct Term(int Tenant, long Number, long Member);

    private static readonly Column<Term>[] s_columns =
    [
        Column<Term>.Int32("tenant_id", t => t.Tenant),
        Column<Term>.Int64("term", t => t.Number),
        Column<Term>.Int64("member_id", t => t.Member),
    ];

    // A member that is brought in may have some of its terms already.
    private static readonly SetStatement<Term> s_insert = Statements.InsertMissing("member_terms", s_columns);

    private static readonly SetStatement<Term> s_delete = new(
        sqlite: "DELETE FROM member_terms WHERE tenant_id = $1 AND term = $2 AND member_id = $3",
        postgres: """
            DELETE FROM member_terms t USING unnest($1, $2, $3) k (tenant_id, term, member_id)
            WHERE t.tenant_id = k.tenant_id AND t.term = k.term AND t.member_id = k.member_id
            """,
        s_columns);

    private static readonly SetStatement<MemberBook> s_figures = Statements.Write("member_figures", keys: 2,
        Column<MemberBook>.Int32("tenant_id", b => b.Identity.Tenant.Value),
        Column<MemberBook>.Int64("member_id", b => b.Identity.Id.Value),
        Column<MemberBook>.Int64("spend", b => b.TotalAmount),
        Column<MemberBook>.Int64("points", b => b.Points.Balance),
        Column<MemberBook>.Int64("growth", b => b.Growth));

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<(MemberBook? Before, MemberBook After)> books)
    {
        var (removed, added, figures) = (new List<Term>(), new List<Term>(), new List<MemberBook>());
        foreach (var (before, after) in books)
        {
            if (after.IsIndexed || !IsFoundAlike(before, after))
            {
                Compare(after, after.IsIndexed || before is null ? [] : OpenTermsOf(before), OpenTermsOf(after), removed, added);
            }

            if (after.HasPersonal && (after.IsIndexed || !ReferenceEquals(after.Personal.StoredTerms, after.Personal.Current?.SearchTerms)))
            {
                var stored = SearchTerms.Read(after.Personal.StoredTerms).ToHashSet();
                var now = SearchTerms.Read(after.Personal.Current?.SearchTerms).ToHashSet();
                Compare(after, stored, now, removed, added);
                added.AddRange(after.IsIndexed ? now.Intersect(stored).Select(number => TermOf(after, number)) : []);
            }

            if (after.KeepsFigures && (after.IsIndexed || before is null || HasOtherFigures(before, after)))
            {
                figures.Add(after);
            }
        }

        builder.Add(s_delete, removed);
        builder.Add(s_insert, added);
        builder.Add(s_figures, figures);
    }

    private static void Compare(MemberBook book, HashSet<long> before, HashSet<long> after, List<Term> removed, List<Term> added)
    {
        removed.AddRange(before.Where(number => !after.Contains(number)).Select(number => TermOf(book, number)));
        added.AddRange(after.Where(number => !before.Contains(number)).Select(number => TermOf(book, number)));
    }

    private static bool IsFoundAlike(MemberBook? before, MemberBook after) => before is null
        ? after.Identity.Nickname is null && after.Tags.All.Count == 0 && after.LevelState.Tracks is null
        : before.Identity.Nickname == after.Identity.Nickname && ReferenceEquals(before.Tags, after.Tags)
            && (before.IsMerged == after.IsMerged || after.Tags.All.Count == 0)
            && StandAlike(before.LevelState.Tracks, after.LevelState.Tracks);

    // What judges a level moves with every earning, and the level seldom.
    private static bool StandAlike(IReadOnlyList<TrackStanding>? before, IReadOnlyList<TrackStanding>? after) =>
        ReferenceEquals(before, after)
        || (before ?? []).Select(LevelOf).ToHashSet().SetEquals((after ?? []).Select(LevelOf));

    private static (string Track, string Level) LevelOf(TrackStanding standing) => (standing.Track, standing.Level);

    private static bool HasOtherFigures(MemberBook before, MemberBook after) =>
        before.TotalAmount != after.TotalAmount || before.Points.Balance != after.Points.Balance || before.Growth != after.Growth;

    private static HashSet<long> OpenTermsOf(MemberBook book) =>
        SearchTerms.InTheOpen(book.Identity.Tenant, book.Identity.Nickname, book.Tags, book.IsMerged, book.LevelState);

    private static Term TermOf(MemberBook book, long number) => new(book.Identity.Tenant.Value, number, book.Identity.Id.Value);
}
