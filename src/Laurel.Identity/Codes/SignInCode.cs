using System.Globalization;
using System.Security.Cryptography;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Vault;

namespace Laurel.Identity.Codes;

/// <summary>What a code that is sent to a telephone or an address is for; good for nothing else.</summary>
public enum CodePurpose
{
    /// <summary>To sign in, and to register where nobody has the name.</summary>
    Login,

    /// <summary>To set a new password.</summary>
    Reset,

    /// <summary>To show that a telephone number or address is one's own.</summary>
    Bind,
}

/// <summary>The last code that was sent to a telephone number or address for one purpose.</summary>
public sealed class SignInCode : RowAggregate
{
    public const int Digits = 6;

    public const int TriesMax = 5;

    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>Null once it was used.</summary>
    public Hash128? Code { get; set; }

    public required Instant SentAt { get; set; }

    public required Instant ExpiresAt { get; set; }

    public required int TriesLeft { get; set; }

    internal static RowKind<SignInCode> Kind { get; } = new(26, "sign_in_codes", Read,
        Column<SignInCode>.Bytes("code_hash", c => c.Code?.ToBytes()),
        Column<SignInCode>.Instant("sent_at", c => c.SentAt),
        Column<SignInCode>.Instant("expires_at", c => c.ExpiresAt),
        Column<SignInCode>.Int32("tries_left", c => c.TriesLeft))
    {
        HasPersonalIds = true,
    };

    /// <summary>Six digits, each code as likely as any other.</summary>
    public static string Draw() => RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>Where the code for a purpose and a name is kept.</summary>
    public static long IdOf(NameKey name, CodePurpose purpose) =>
        (long)(Hash128.Of(0, "sign-in code", purpose.ToString(), $"{name.Hash.High:x}{name.Hash.Low:x}").Low >> 1);

    /// <summary>What is stored of a code: keyed, as a million codes are soon tried.</summary>
    public static Hash128 HashOf(PersonalDataVault vault, TenantId tenant, long id, string code) =>
        vault.BlindIndex(tenant, "sign-in code", string.Create(CultureInfo.InvariantCulture, $"{id}:{code}"));

    private static SignInCode Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        Code = row.BytesOrNull(2) is { } code ? Hash128.FromBytes(code) : null,
        SentAt = row.Instant(3),
        ExpiresAt = row.Instant(4),
        TriesLeft = row.Int32(5),
    };
}

/// <summary>A code that somebody presents, to be looked at under its lock: each look takes a try, the right one takes the code.</summary>
internal sealed record CodeProof(TenantId Tenant, long Id, Hash128 Code)
{
    public RootRef Root => SignInCode.Kind.RootOf(Tenant, Id);

    public static CodeProof Of(PersonalDataVault vault, TenantId tenant, NameKey name, CodePurpose purpose, string code)
    {
        var id = SignInCode.IdOf(name, purpose);
        return new CodeProof(tenant, id, SignInCode.HashOf(vault, tenant, id, code));
    }

    /// <summary>Null when the code is right; it is used up then. Otherwise the refusal, with one try less: to be kept.</summary>
    public Refusal? Take(Draft draft)
    {
        // One answer for all: wrong, too late, used, and never sent.
        if (draft.Edit<SignInCode>(Root) is not { Code: { } stored, TriesLeft: > 0 } sent || sent.ExpiresAt <= draft.Now)
        {
            return new Refusal(ErrorCode.SignInCodeInvalid);
        }

        sent.TriesLeft--;
        if (!CryptographicOperations.FixedTimeEquals(stored.ToBytes(), Code.ToBytes()))
        {
            return new Refusal(ErrorCode.SignInCodeInvalid);
        }

        sent.Code = null;
        return null;
    }

    /// <summary>Makes a code that was right good again, for a call that lacks something else; the try stays taken.</summary>
    public void GiveBack(Draft draft) => draft.Edit<SignInCode>(Root)!.Code = Code;
}
