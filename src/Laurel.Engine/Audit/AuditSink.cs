namespace Laurel.Engine.Audit;

/// <summary>How a process keeps its audit: what it seals with, and who it is where no caller is known.</summary>
/// <param name="Key">Kept outside the database.</param>
/// <param name="Verb">What the process does: <c>serve</c>, <c>import</c>.</param>
public sealed record AuditSink(AuditKey Key, string Verb)
{
    internal Origin Own { get; } = new(OperatorKind.System, Verb);
}
