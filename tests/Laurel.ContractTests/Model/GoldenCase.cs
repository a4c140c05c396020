using Shouldly;

namespace Laurel.ContractTests.Model;

/// <summary>
/// A few operations with the outcomes and figures a person worked out from one sentence of the arithmetic.
/// </summary>
/// <param name="Name">Unique, in lower case and hyphens; also prefixes the case's ids, so cases can share a
/// database.</param>
/// <param name="Sentence">What the case stands for.</param>
/// <param name="Steps">Done in order.</param>
public sealed record GoldenCase(string Name, string Sentence, IReadOnlyList<GoldenStep> Steps)
{
    /// <summary>The setting the engine must be made with.</summary>
    public ShortfallPolicy Policy { get; init; }

    /// <summary>How points lapse by inactivity; null where none do.</summary>
    public NaiveInactivity? Inactivity { get; init; }

    /// <summary>Runs the steps and fails on the first that comes out differently.</summary>
    public async Task RunAsync(ILoyalty loyalty, CancellationToken cancellationToken)
    {
        for (var index = 0; index < Steps.Count; index++)
        {
            var step = Steps[index];
            var actual = await step.RunAsync(loyalty, Name + ":", cancellationToken);
            actual.ShouldBe(step.Expected, $"{Name}, step {index + 1} of {Steps.Count}: {Sentence}\n{step}");
        }
    }
}

/// <summary>One step of a golden case: what it asks, and the answer as a line of text.</summary>
public abstract record GoldenStep(string Expected)
{
    public abstract Task<string> RunAsync(ILoyalty loyalty, string idPrefix, CancellationToken cancellationToken);

    /// <summary>An operation and its outcome.</summary>
    public sealed record Does(Operation Operation, string Expected) : GoldenStep(Expected)
    {
        public override async Task<string> RunAsync(
            ILoyalty loyalty,
            string idPrefix,
            CancellationToken cancellationToken)
        {
            var outcome = await Operation.WithIdPrefix(idPrefix).ApplyToAsync(loyalty, cancellationToken);
            return outcome.Summary.Replace(idPrefix, "", StringComparison.Ordinal);
        }
    }

    /// <summary>A member's figures with all that is recorded, seen at an instant.</summary>
    public sealed record ShowsAt(string Member, DateTimeOffset Instant, string Expected) : GoldenStep(Expected)
    {
        public override async Task<string> RunAsync(
            ILoyalty loyalty,
            string idPrefix,
            CancellationToken cancellationToken) =>
            $"{await loyalty.StateAtAsync(idPrefix + Member, Instant, cancellationToken)}";
    }

    /// <summary>A member's figures by business time.</summary>
    public sealed record ShowsAsOf(string Member, DateTimeOffset Instant, string Expected) : GoldenStep(Expected)
    {
        public override async Task<string> RunAsync(
            ILoyalty loyalty,
            string idPrefix,
            CancellationToken cancellationToken) =>
            $"{await loyalty.StateAsOfAsync(idPrefix + Member, Instant, cancellationToken)}";
    }
}
