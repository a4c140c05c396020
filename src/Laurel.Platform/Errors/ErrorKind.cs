using Laurel.Kernel;

namespace Laurel.Platform.Errors;

/// <summary>One way a whole call is refused: an entry of <see cref="ErrorCatalog"/>.</summary>
/// <param name="Code">Stable and upper case; clients decide on it, so it is never reused for another meaning.</param>
/// <param name="Status">The HTTP status of a call refused so.</param>
/// <param name="TitleEnglish">The same for every occurrence, as RFC 9457 §3.1.3 asks.</param>
/// <param name="TitleChinese">The Chinese title.</param>
/// <param name="DetailEnglish">A template; <c>{name}</c> stands for the value of that name.</param>
/// <param name="DetailChinese">The Chinese template, with the same placeholders.</param>
public sealed record ErrorKind(
    string Code,
    int Status,
    string TitleEnglish,
    string TitleChinese,
    string DetailEnglish,
    string DetailChinese)
{
    /// <summary>Where the documentation of every code lives; the code is appended.</summary>
    public const string TypePrefix = "https://laurel.dev/errors/";

    /// <summary>The values a refusal of this kind carries; the templates name no others.</summary>
    public IReadOnlyList<ErrorValue> Values { get; init; } = [];

    /// <summary>What <c>Retry-After</c> says of a call that may be repeated.</summary>
    public int RetryAfterSeconds { get; init; } = 1;

    /// <summary>The problem type of RFC 9457 §3.1.1: an absolute documentation URI.</summary>
    public string Type { get; } = TypePrefix + Code;

    /// <summary>True when the same call may succeed a moment later without any change.</summary>
    public bool Retryable => Status is 503 or 429;

    /// <summary>True when the refusal freezes under an idempotency key. What was not found may yet arrive, and what was
    /// busy or asked too often may be free, so neither freezes; nor does what waits for somebody's review.</summary>
    public bool Definitive => Status is >= 400 and < 500 and not 429
        && Code is not (ErrorCode.TimeInFuture or ErrorCode.WatchHeld or ErrorCode.WatchRefused)
        && !Code.EndsWith("NOT_FOUND", StringComparison.Ordinal);

    public string Title(Language language) => language switch
    {
        Language.English => TitleEnglish,
        Language.Chinese => TitleChinese,
    };

    /// <summary>The detail with its placeholders filled; a value that is missing leaves its name in braces.</summary>
    public string Detail(Language language, IReadOnlyDictionary<string, object?> values) => language switch
    {
        Language.English => DetailTemplate.Fill(DetailEnglish, values, language),
        Language.Chinese => DetailTemplate.Fill(DetailChinese, values, language),
    };

    /// <summary>The member of the problem document that carries a value: its own name unless the catalogue gives
    /// another.</summary>
    public string MemberOf(string value)
    {
        foreach (var declared in Values)
        {
            if (declared.Name == value)
            {
                return declared.Member;
            }
        }

        return value;
    }
}

/// <summary>A value that a kind of refusal carries.</summary>
/// <param name="Name">Its name in <see cref="Refusal.Values"/> and in the templates.</param>
/// <param name="Member">Its name in the problem document, where <c>type</c> and <c>status</c> are already
/// taken.</param>
public readonly record struct ErrorValue(string Name, string Member)
{
    public ErrorValue(string name)
        : this(name, name)
    {
    }
}
