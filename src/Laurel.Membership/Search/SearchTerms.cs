using System.Buffers.Binary;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Search;

/// <summary>The numbers under which <c>member_terms</c> has a member. Equal pieces of two tenants, and of two kinds, have different numbers.</summary>
internal static class SearchTerms
{
    /// <summary>Digits at the end of a phone number by which it is found.</summary>
    public const int TailLength = 4;

    private const string NameField = "name piece";

    private const string TailField = "phone tail";

    /// <summary>Of a piece of a nickname, which stands in the open anyway.</summary>
    public static long OfNickname(TenantId tenant, string piece) => NumberOf(Hash128.Of(tenant.Value, "nickname", piece));

    public static long OfTag(TenantId tenant, string code) => NumberOf(Hash128.Of(tenant.Value, "tag", code));

    /// <summary>Of a tag that a merged member had: nobody looks for it, and the tag is in use.</summary>
    public static long OfMergedTag(TenantId tenant, string code) => NumberOf(Hash128.Of(tenant.Value, "merged tag", code));

    /// <summary>Of a level that is written down for a track. Who has none of them has the lowest.</summary>
    public static long OfTrackLevel(TenantId tenant, string track, string level) => NumberOf(Hash128.Of(tenant.Value, "track level", track + "\n" + level));

    /// <summary>Of a piece of a real name: keyed, as the name is sealed.</summary>
    public static long OfRealName(PersonalDataVault vault, TenantId tenant, string piece) => NumberOf(vault.BlindIndex(tenant, NameField, piece));

    /// <summary>Of the last digits of a phone number: keyed.</summary>
    public static long OfTail(PersonalDataVault vault, TenantId tenant, string digits) => NumberOf(vault.BlindIndex(tenant, TailField, digits));

    /// <summary>What of a member is found by what stands in its row. A merged member keeps its tags and is found by none: the survivor is.</summary>
    internal static HashSet<long> InTheOpen(TenantId tenant, string? nickname, MemberTags tags, bool isMerged, LevelState levels)
    {
        var terms = new HashSet<long>();
        foreach (var piece in nickname is null ? [] : SearchText.PiecesOf(SearchText.Normalise(nickname)))
        {
            terms.Add(OfNickname(tenant, piece));
        }

        foreach (var tag in tags.All)
        {
            terms.Add(isMerged ? OfMergedTag(tenant, tag) : OfTag(tenant, tag));
        }

        foreach (var standing in levels.Tracks ?? [])
        {
            terms.Add(OfTrackLevel(tenant, standing.Track, standing.Level));
        }

        return terms;
    }

    /// <summary>What of a member is found by what is sealed: the pairs of its real name and the end of its phone. Null for nothing.</summary>
    public static byte[]? OfSealed(PersonalDataVault vault, TenantId tenant, string? realName, string? phone)
    {
        var terms = new SortedSet<long>();
        foreach (var pair in realName is null ? [] : SearchText.PairsOf(SearchText.Normalise(realName)))
        {
            terms.Add(OfRealName(vault, tenant, pair));
        }

        if (phone is { Length: >= TailLength })
        {
            terms.Add(OfTail(vault, tenant, phone[^TailLength..]));
        }

        if (terms.Count == 0)
        {
            return null;
        }

        var bytes = new byte[terms.Count * sizeof(long)];
        var position = 0;
        foreach (var term in terms)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(position), term);
            position += sizeof(long);
        }

        return bytes;
    }

    /// <summary>The record with the terms of what it seals.</summary>
    public static PersonalRecord WithTerms(this PersonalRecord record, PersonalDataVault vault, TenantId tenant, DataKey key, MemberProfile profile)
    {
        var phone = record.Phone is { } sealedPhone ? key.Decrypt(PersonalField.Phone, sealedPhone) : null;
        return record with { SearchTerms = OfSealed(vault, tenant, profile.RealName, phone) };
    }

    /// <summary>The terms that were put together by <see cref="OfSealed"/>.</summary>
    public static IEnumerable<long> Read(byte[]? stored)
    {
        for (var position = 0; position + sizeof(long) <= (stored?.Length ?? 0); position += sizeof(long))
        {
            yield return BinaryPrimitives.ReadInt64BigEndian(stored.AsSpan(position));
        }
    }

    private static long NumberOf(Hash128 hash) => unchecked((long)hash.High);
}
