using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Watch;

/// <summary>Who was seen with something: the members of a device or an address, or whom a member invited. By the last time of each.</summary>
internal sealed class WatchMark(ImmutableDictionary<long, Instant> seen) : Aggregate
{
    /// <summary>Who is kept of one mark at the most; the longest unseen give way.</summary>
    public const int SeenMax = 500;

    private ImmutableDictionary<long, Instant> _seen = seen;

    /// <summary>Everybody who was seen, with the last time.</summary>
    public IReadOnlyDictionary<long, Instant> Seen => _seen;

    public void See(long who, Instant time)
    {
        if (_seen.TryGetValue(who, out var last) && last >= time)
        {
            return;
        }

        _seen = _seen.SetItem(who, time);
        if (_seen.Count > SeenMax)
        {
            _seen = _seen.Remove(_seen.MinBy(pair => (pair.Value.UnixMicroseconds, pair.Key)).Key);
        }
    }

    /// <summary>Those of them who were seen then or later.</summary>
    public WatchMark Since(Instant time) => new(_seen.Where(pair => pair.Value >= time).ToImmutableDictionary());

    public override Aggregate Copy() => new WatchMark(_seen);

    /// <summary><c>who:microseconds</c>, joined by semicolons, in the order of who.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var (who, time) in _seen.OrderBy(pair => pair.Key))
        {
            text.Append(text.Length > 0 ? ";" : "").Append(CultureInfo.InvariantCulture, $"{who}:{time.UnixMicroseconds}");
        }

        return text.ToString();
    }

    /// <exception cref="FormatException">When no version wrote such a text.</exception>
    public static WatchMark Parse(string text) => new(text.Length == 0
        ? ImmutableDictionary<long, Instant>.Empty
        : text.Split(';').Select(pair => pair.Split(':')).ToImmutableDictionary(pair => NumberOf(pair[0]), pair => new Instant(NumberOf(pair[1]))));

    private static long NumberOf(string digits) => long.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}

/// <summary>The marks, each found by a keyed hash of what it stands for. Locked before members, so that those who share one meet there first.</summary>
internal sealed class WatchMarkKind : AggregateKind
{
    private readonly record struct Row(int Tenant, long Id, string Seen);

    // FOR UPDATE locks nothing where there is no row, so the row is made first.
    private static readonly SetStatement<Row> s_create = Statements.InsertMissing("watch_marks",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id),
        Column<Row>.Text("seen", _ => ""));

    private static readonly SetStatement<Row> s_lock = Statements.Lock("w.tenant_id, w.id, w.seen", "watch_marks w",
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id));

    private static readonly SetStatement<Row> s_update = Statements.Update("watch_marks", keys: 2,
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("id", r => r.Id),
        Column<Row>.Text("seen", r => r.Seen));

    public override int Rank => 18;

    /// <summary>The mark of a hash.</summary>
    public RootRef RootOf(TenantId tenant, Hash128 mark) => new(this, tenant, (long)(mark.Low & long.MaxValue));

    public override void Lock(SqlScriptBuilder builder, IReadOnlyList<RootRef> roots, WorkingSet set)
    {
        var rows = roots.Select(root => new Row(root.Tenant.Value, root.Id, "")).ToList();
        builder.Add(s_create, rows);
        builder.Add(s_lock, rows, row => set.Load(new RootRef(this, new TenantId(row.Int32(0)), row.Int64(1)), WatchMark.Parse(row.Text(2))));
    }

    public override void Write(SqlScriptBuilder builder, IReadOnlyList<ChangedRoot> changed) =>
        builder.Add(s_update, [.. changed.Select(c => new Row(c.Root.Tenant.Value, c.Root.Id, ((WatchMark)c.After).ToText()))]);
}
