namespace Laurel.GraphQL.Execution;

/// <summary>Hears of an exception that a resolver, a loader or a source of events has thrown, once for each: a bug, or broken infrastructure.</summary>
/// <param name="path">Of the field that met it first.</param>
/// <returns>What the caller is told; <c>null</c> for no more than that something failed.</returns>
public delegate FieldRefusal? HearFault(Exception fault, ResponsePath path);

internal static class Faults
{
    /// <summary>What is told where nobody says more.</summary>
    public const string Words = "Unexpected error.";
}
