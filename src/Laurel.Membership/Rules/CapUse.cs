using System.Globalization;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Membership.Rules;

/// <summary>How much of the caps of rules one member has used in one period. All counters of the period are one value, because an event reads
/// and writes most of them together.</summary>
internal sealed class CapUse
{
    private readonly Dictionary<string, long> _used;

    private CapUse(int period, Dictionary<string, long> used) => (Period, _used) = (period, used);

    /// <summary>As <see cref="CapPeriods.NumberOf"/> numbers it.</summary>
    public int Period { get; }

    public static CapUse None(int period) => new(period, []);

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static CapUse Parse(int period, string text)
    {
        var used = new Dictionary<string, long>();
        foreach (var range in text.AsSpan().Split(';'))
        {
            var counter = text.AsSpan(range);
            var equals = counter.IndexOf('=');
            Invariant.Require(equals > 0, "A counter is stored as its name, an equals sign and a number.");
            used.Add(counter[..equals].ToString(), long.Parse(counter[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture));
        }

        return new CapUse(period, used);
    }

    /// <summary>Every counter with its name.</summary>
    public IEnumerable<KeyValuePair<string, long>> All => _used;

    public long Of(string code) => _used.GetValueOrDefault(code);

    /// <summary>The counters with more used, or with less where a merge is undone. Those given are of this period.</summary>
    /// <exception cref="OverflowException">When a count does not fit 64 bits.</exception>
    public CapUse With(IEnumerable<KeyValuePair<string, long>> added)
    {
        var used = new Dictionary<string, long>(_used);
        foreach (var (code, more) in added)
        {
            used[code] = checked(used.GetValueOrDefault(code) + more);
        }

        return new CapUse(Period, used);
    }

    /// <summary><c>order_points_day=120;order_uses_day=3</c>, by name. Names of caps have neither of the two signs.</summary>
    public string ToText()
    {
        var text = new StringBuilder(_used.Count * 24);
        foreach (var (code, used) in _used.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length > 0 ? ";" : "").Append(code).Append('=').Append(CultureInfo.InvariantCulture, $"{used}");
        }

        return text.ToString();
    }
}
