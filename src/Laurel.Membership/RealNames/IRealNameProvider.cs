using Laurel.Platform.Identifiers;

namespace Laurel.Membership.RealNames;

/// <summary>What is asked of the registry: whether a person of this name has this identity card, and this bank card where one is told.</summary>
public sealed record RealNameQuestion(string RealName, IdentityCard Card, string? BankCard)
{
    /// <summary>Neither name nor number.</summary>
    public override string ToString() => nameof(RealNameQuestion);
}

/// <summary>What the registry says.</summary>
public enum RealNameAnswer
{
    /// <summary>They belong together.</summary>
    Matched,

    /// <summary>They do not.</summary>
    Mismatched,

    /// <summary>Nobody knows: no answer, none that can be read, or the registry cannot say. It never counts as verified.</summary>
    Unknown,
}

/// <summary>Asks the registry of persons. Thread-safe.</summary>
public interface IRealNameProvider
{
    /// <summary>A word of ours, for what is stored and shown.</summary>
    string Name { get; }

    /// <summary>Asks once; each question is paid for.</summary>
    Task<RealNameAnswer> AskAsync(RealNameQuestion question, CancellationToken cancellationToken);
}

/// <summary>Nobody is asked: what has the right form waits for the shop's staff.</summary>
public sealed class StaffRealNames : IRealNameProvider
{
    public string Name => "staff";

    public Task<RealNameAnswer> AskAsync(RealNameQuestion question, CancellationToken cancellationToken) => Task.FromResult(RealNameAnswer.Unknown);
}

/// <summary>How often real names are checked. All of it is in <c>docs/operate/sign-in.md</c>.</summary>
public sealed record RealNameLimits
{
    /// <summary>Members of a tenant that one identity card verifies, 1 to 10 (<c>RealName:MembersPerCard</c>).</summary>
    public int MembersPerCard { get; init; } = 1;

    /// <summary>How often a member may try in a business day, 1 to 20 (<c>RealName:AttemptsPerDay</c>).</summary>
    public int AttemptsPerDay { get; init; } = 3;
}
