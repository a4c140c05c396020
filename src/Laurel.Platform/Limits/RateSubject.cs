using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Laurel.Kernel;

namespace Laurel.Platform.Limits;

/// <summary>Who is counted.</summary>
public readonly record struct RateSubject
{
    private RateSubject(char kind, int tenant, ulong high, ulong low) => (Kind, Tenant, High, Low) = (kind, tenant, high, low);

    private char Kind { get; }

    private int Tenant { get; }

    private ulong High { get; }

    private ulong Low { get; }

    /// <summary>A person.</summary>
    public static RateSubject User(TenantId tenant, long user) => new('u', tenant.Value, 0, unchecked((ulong)user));

    /// <summary>A member that a caller names.</summary>
    /// <param name="member">The same for the same name of the member.</param>
    public static RateSubject Member(TenantId tenant, long member) => new('m', tenant.Value, 0, unchecked((ulong)member));

    /// <summary>An API key.</summary>
    public static RateSubject Key(TenantId tenant, Hash128 key) => new('k', tenant.Value, key.High, key.Low);

    /// <summary>An address; of IPv6 its network of 64 bits, which one customer has for itself.</summary>
    public static RateSubject Address(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new RateSubject('6', 0, BinaryPrimitives.ReadUInt64BigEndian(bytes), 0)
            : new RateSubject('4', 0, 0, BinaryPrimitives.ReadUInt32BigEndian(bytes));
    }

    /// <summary>What a caller names, such as the account it signs in to or a phone number. Only a hash of it is kept.</summary>
    public static RateSubject Named(TenantId tenant, string name)
    {
        var hash = Hash128.Of(tenant.Value, "limit", name);
        return new RateSubject('n', tenant.Value, hash.High, hash.Low);
    }

    /// <summary>Whether it stands for many.</summary>
    internal bool IsShared => Kind == 's';

    /// <summary>One of the few that stand for all who are counted together.</summary>
    internal static RateSubject Shared(uint number) => new('s', 0, 0, number);

    /// <summary>The same on every node.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Kind}{Tenant:x}-{High:x}-{Low:x}");
}
