using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Laurel.Kernel;

/// <summary>One merchant with its own programme, members and keys. Positive; 1 is the default tenant.</summary>
public readonly record struct TenantId(int Value) : IComparable<TenantId>
{
    public int CompareTo(TenantId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A member of one tenant: 64 bits, time-ordered, a decimal string in JSON.</summary>
public readonly record struct MemberId(long Value) : IComparable<MemberId>
{
    public int CompareTo(MemberId other) => Value.CompareTo(other.Value);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads the decimal form that <see cref="ToString"/> writes: digits only, positive.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MemberId id)
    {
        var parsed = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0;
        id = new MemberId(parsed ? value : 0);
        return parsed;
    }
}
