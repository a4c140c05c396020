namespace Laurel.Engine.Audit;

/// <summary>What kind of caller is behind a command.</summary>
public enum OperatorKind
{
    /// <summary>Laurel itself: a job, or a verb of the command line.</summary>
    System = 0,

    /// <summary>A system that calls with an API key.</summary>
    Key = 1,

    /// <summary>Staff who has signed in.</summary>
    User = 2,

    /// <summary>A member who has signed in, here or at the host.</summary>
    Member = 3,

    /// <summary>Nobody who is known yet: who signs in, and what calls with a signature of its own.</summary>
    Public = 4,
}

/// <summary>Who asked for something, and from where: what the audit says of every command.</summary>
/// <param name="Kind">Says what <paramref name="Id"/> names.</param>
/// <param name="Id">The key's, the user's or the member's id, the verb; never personal data.</param>
public sealed record Origin(OperatorKind Kind, string Id)
{
    /// <summary>Of an operator as the audit names it, in characters.</summary>
    public const int OperatorLengthMax = 96;

    /// <summary>Of <see cref="Agent"/>, in characters.</summary>
    public const int AgentLengthMax = 160;

    /// <summary>Of <see cref="Request"/>, in characters.</summary>
    public const int RequestLengthMax = 64;

    private static readonly AsyncLocal<Origin?> s_current = new();

    /// <summary>The origin of the call that is being answered; null outside of calls. Commands take it when they are made.</summary>
    public static Origin? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>The address of the caller; null for what does not come over the network.</summary>
    public string? Address { get; init; }

    /// <summary>What the caller's program calls itself: printable ASCII, no longer than <see cref="AgentLengthMax"/>; null when it says nothing.</summary>
    public string? Agent { get; init; }

    /// <summary>The id under which logs and problem documents know the request; null outside of calls.</summary>
    public string? Request { get; init; }

    /// <summary>What a key is called, which somebody else may be called later; null for all others.</summary>
    public string? Name { get; init; }

    /// <summary>Kind and id in one: <c>key:42</c>.</summary>
    public string Operator { get; } = Cut($"{NameOf(Kind)}:{Id}");

    /// <summary>Whether a person acts, and not a system.</summary>
    public bool IsPerson => Kind is OperatorKind.User or OperatorKind.Member or OperatorKind.Public;

    /// <summary>Whether address and program are those of a member, or perhaps of one: personal data.</summary>
    public bool IsPrivate => Kind is OperatorKind.Member or OperatorKind.Public;

    private static string NameOf(OperatorKind kind) => kind switch
    {
        OperatorKind.System => "system",
        OperatorKind.Key => "key",
        OperatorKind.User => "user",
        OperatorKind.Member => "member",
        OperatorKind.Public => "public",
    };

    // Half of a character outside the first plane would be refused by databases.
    private static string Cut(string text) =>
        text.Length <= OperatorLengthMax ? text
        : char.IsHighSurrogate(text[OperatorLengthMax - 1]) ? text[..(OperatorLengthMax - 1)]
        : text[..OperatorLengthMax];
}
