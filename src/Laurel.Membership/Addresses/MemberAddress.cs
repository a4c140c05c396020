using System.Collections.Immutable;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Membership.Profiles;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Addresses;

/// <summary>What an address says.</summary>
public sealed record AddressText
{
    /// <summary>The recipient.</summary>
    public required string Name { get; init; }

    /// <summary>Normalised.</summary>
    public required string Phone { get; init; }

    public required string Province { get; init; }

    public required string City { get; init; }

    public required string District { get; init; }

    /// <summary>Street and number.</summary>
    public required string Address { get; init; }

    public string? PostalCode { get; init; }

    /// <summary>In the member's words: home, office.</summary>
    public string? Tag { get; init; }

    internal byte[] Seal(DataKey key) => key.Encrypt(PersonalField.Address, JsonSerializer.Serialize(this, ProfileJson.Default.AddressText));

    internal static AddressText Open(DataKey key, byte[] stored)
    {
        var text = JsonSerializer.Deserialize(key.Decrypt(PersonalField.Address, stored), ProfileJson.Default.AddressText);
        Invariant.Require(text is not null, "A sealed address is an object.");
        return text;
    }
}

/// <summary>An address as it is stored.</summary>
/// <param name="Sealed">The <see cref="AddressText"/> under the member's data key.</param>
public sealed record MemberAddress(long Id, byte[] Sealed, bool IsDefault, Instant CreatedAt, Instant UpdatedAt);

/// <summary>The addresses of a member: at most <see cref="Max"/>, and exactly one of them is the default as soon as there is one (I27). A part of the
/// member's book.</summary>
public sealed class AddressBook
{
    /// <summary>Addresses of a member at the most.</summary>
    public const int Max = 20;

    private ImmutableDictionary<long, MemberAddress> _stored = ImmutableDictionary<long, MemberAddress>.Empty;
    private ImmutableDictionary<long, MemberAddress> _current = ImmutableDictionary<long, MemberAddress>.Empty;

    /// <summary>Whether all addresses of the member are here.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>The default first, then the newest.</summary>
    public IEnumerable<MemberAddress> All => _current.Values.OrderByDescending(address => address.IsDefault).ThenByDescending(address => address.Id);

    public int Count => _current.Count;

    internal IEnumerable<MemberAddress> New => _current.Values.Where(address => !_stored.ContainsKey(address.Id));

    internal IEnumerable<MemberAddress> Changed =>
        _current.Values.Where(address => _stored.TryGetValue(address.Id, out var stored) && !ReferenceEquals(stored, address));

    internal IEnumerable<MemberAddress> Removed => _stored.Values.Where(address => !_current.ContainsKey(address.Id));

    public MemberAddress? Find(long id) => _current.GetValueOrDefault(id);

    /// <summary>Takes what is stored, once.</summary>
    public void Load(IEnumerable<MemberAddress> stored)
    {
        if (!IsLoaded)
        {
            _stored = _current = stored.ToImmutableDictionary(address => address.Id);
            IsLoaded = true;
        }
    }

    /// <summary>Adds an address or puts it in the place of the one with its id. The first is the default, and a new default takes the place of the old.
    /// The default stays it until another becomes it.</summary>
    public void Put(MemberAddress address)
    {
        var isDefault = address.IsDefault || _current.Values.All(other => !other.IsDefault || other.Id == address.Id);
        if (isDefault)
        {
            _current = _current.SetItems(_current.Values.Where(other => other.IsDefault)
                .Select(other => KeyValuePair.Create(other.Id, other with { IsDefault = false })).ToList());
        }

        _current = _current.SetItem(address.Id, address with { IsDefault = isDefault });
    }

    /// <summary>Removes an address. Where it was the default, the one that was changed last becomes it.</summary>
    public void Remove(long id)
    {
        var wasDefault = _current.TryGetValue(id, out var removed) && removed.IsDefault;
        _current = _current.Remove(id);
        if (wasDefault && _current.Values.MaxBy(address => (address.UpdatedAt.UnixMicroseconds, address.Id)) is { } next)
        {
            _current = _current.SetItem(next.Id, next with { IsDefault = true });
        }
    }

    public void Clear() => _current = _current.Clear();

    public AddressBook Copy() => (AddressBook)MemberwiseClone();
}
