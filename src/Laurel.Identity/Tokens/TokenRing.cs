using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Laurel.Kernel;

namespace Laurel.Identity.Tokens;

/// <summary>The keys of access tokens: one signs, all of them tell theirs. A JSON Web Token is a JWS in its compact form (RFC 7519, RFC 7515).</summary>
/// <remarks>The algorithm is the key's, never the token's; a header says its key's <c>kid</c>, that algorithm and <c>JWT</c>, and nothing else, so that
/// no token can bring a key along (RFC 8725 §3.1).</remarks>
/// <param name="keys">The one that signs first.</param>
public sealed class TokenRing(IReadOnlyList<TokenKey> keys)
{
    /// <summary>Of a token, in characters; ours have a third of it.</summary>
    public const int TokenLengthMax = 2_048;

    private const string Type = "JWT";

    public IReadOnlyList<TokenKey> Keys => keys;

    /// <summary>Whether there is a key that signs for a tenant.</summary>
    public bool SignsFor(TenantId tenant) => keys.Any(key => key.OnlyFor is null || key.OnlyFor == tenant);

    /// <summary>Makes the token of these claims, for whose tenant there is a key.</summary>
    public string Sign(AccessClaims claims)
    {
        var key = keys.First(key => key.OnlyFor is null || key.OnlyFor == claims.Tenant);
        var message = $"{Encode(writer => WriteHeader(writer, key))}.{Encode(claims.Write)}";
        return $"{message}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(message)))}";
    }

    /// <summary>The claims of a token that one of the keys has signed; null of any other. Who issued it, for whom and for how long is not looked at.</summary>
    public AccessClaims? Read(ReadOnlySpan<char> token)
    {
        Span<Range> parts = stackalloc Range[4];
        if (token.Length > TokenLengthMax || token.Split(parts, '.') != 3
            || TokenText.Decode(token[parts[0]]) is not { } header
            || KeyOf(header) is not { } key
            || TokenText.Decode(token[parts[2]]) is not { } signature)
        {
            return null;
        }

        var message = new byte[parts[1].End.Value];
        Encoding.ASCII.GetBytes(token[..parts[1].End.Value], message);
        return key.Holds(message, signature)
            && TokenText.Decode(token[parts[1]]) is { } body
            && AccessClaims.Read(body) is { } claims
            && (key.OnlyFor is null || key.OnlyFor == claims.Tenant)
                ? claims
                : null;
    }

    /// <summary>Whether a token names a key that is not here: another node may have made one.</summary>
    public bool NamesUnknownKey(ReadOnlySpan<char> token)
    {
        var end = token.IndexOf('.');
        return end > 0 && token.Length <= TokenLengthMax
            && TokenText.Decode(token[..end]) is { } header
            && IdOf(header) is { } id
            && !keys.Any(key => key.Id == id);
    }

    private TokenKey? KeyOf(byte[] header) =>
        IdOf(header) is { } id && keys.FirstOrDefault(key => key.Id == id) is { } key && AlgorithmOf(header) == key.Algorithm.ToString() ? key : null;

    private static string? IdOf(byte[] header) => TokenText.Members(header) is { Count: 3 } members
        && members.TryGetValue("typ", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == Type
        && members.TryGetValue("kid", out var id) && id.ValueKind == JsonValueKind.String
            ? id.GetString()
            : null;

    private static string? AlgorithmOf(byte[] header) => TokenText.Members(header) is { } members
        && members.TryGetValue("alg", out var algorithm) && algorithm.ValueKind == JsonValueKind.String
            ? algorithm.GetString()
            : null;

    private static void WriteHeader(Utf8JsonWriter writer, TokenKey key)
    {
        writer.WriteStartObject();
        writer.WriteString("alg", key.Algorithm.ToString());
        writer.WriteString("typ", Type);
        writer.WriteString("kid", key.Id);
        writer.WriteEndObject();
    }

    private static string Encode(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            write(writer);
        }

        return Base64Url.EncodeToString(bytes.WrittenSpan);
    }
}
