namespace Laurel.Server.Diagnosis;

internal enum Severity
{
    Fine,

    /// <summary>Laurel works, and something should be looked at.</summary>
    Warning,

    /// <summary>Laurel does not work, or does not keep what it promises.</summary>
    Fault,
}

/// <summary>What was looked at and found.</summary>
/// <param name="Subject">One or two words, the same for the same check.</param>
/// <param name="Text">A sentence.</param>
internal sealed record Finding(Severity Severity, string Subject, string Text)
{
    /// <summary>What to do; null when nothing is wrong.</summary>
    public string? Remedy { get; private init; }

    public static Finding Fine(string subject, string text) => new(Severity.Fine, subject, text);

    public static Finding Warning(string subject, string text, string remedy) => new(Severity.Warning, subject, text) { Remedy = remedy };

    public static Finding Fault(string subject, string text, string remedy) => new(Severity.Fault, subject, text) { Remedy = remedy };
}
