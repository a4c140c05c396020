namespace Laurel.ContractTests.Model;

/// <summary>
/// A seeded history to run the product and the model side by side: two business years of a few hundred members with
/// everything the arithmetic speaks of, in mostly increasing time with late orders and refunds.
/// </summary>
/// <param name="Seed">The same seed writes the same history again; a smaller count writes its beginning.</param>
/// <param name="Operations">To be applied in order; one after the other, since each was chosen knowing what the ones
/// before did.</param>
public sealed record EventScript(int Seed, IReadOnlyList<Operation> Operations)
{
    /// <summary>Clock of the first operation.</summary>
    public static readonly DateTimeOffset Start = new(2023, 6, 1, 0, 0, 0, TimeSpan.FromHours(8));

    /// <summary>
    /// Every operation's clock is before this; business times are at most five minutes ahead of their clock.
    /// </summary>
    public DateTimeOffset End => Operations[^1].Clock.AddHours(1);

    /// <summary>The external ids of all members the script registers.</summary>
    public IEnumerable<string> Members => Operations.OfType<Operation.Register>().Select(operation => operation.Member);

    public static Task<EventScript> GenerateAsync(int seed, int count, CancellationToken cancellationToken) =>
        new EventScriptWriter(seed).WriteAsync(count, cancellationToken);

    /// <summary>The same kind of history, with a fourth of it moving the life of points: waiting, longer lives, coming back, returns.</summary>
    public static Task<EventScript> GenerateLivesAsync(int seed, int count, CancellationToken cancellationToken) =>
        new EventScriptWriter(seed) { MovesLives = true }.WriteAsync(count, cancellationToken);

    /// <summary>How to get this script again; put it into every failure message.</summary>
    public override string ToString() => $"EventScript.GenerateAsync({Seed}, {Operations.Count})";
}
