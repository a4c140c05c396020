using Xunit;

namespace Laurel.ContractTests.Model;

/// <summary>Runs a script through two engines and fails on the first answer that differs.</summary>
public static class SideBySide
{
    private const int InstantsPerMember = 6;

    /// <summary>
    /// Applies every operation to both, comparing each outcome; then compares every member's figures at the script's
    /// end, and as of its beginning, its end and instants between.
    /// </summary>
    /// <param name="script">Named in every failure, so that it can be run again.</param>
    /// <param name="oracle">What is right, fresh.</param>
    /// <param name="product">What is tested, fresh and with the same policy.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async Task RunAsync(
        EventScript script,
        ILoyalty oracle,
        ILoyalty product,
        CancellationToken cancellationToken)
    {
        for (var index = 0; index < script.Operations.Count; index++)
        {
            var operation = script.Operations[index];
            var right = await operation.ApplyToAsync(oracle, cancellationToken);
            var found = await operation.ApplyToAsync(product, cancellationToken);
            Require(right.Summary, found.Summary, $"{script}, operation {index}: {operation}");
        }

        var length = (script.End - EventScript.Start) / InstantsPerMember;
        foreach (var member in script.Members)
        {
            var right = await oracle.StateAtAsync(member, script.End, cancellationToken);
            var found = await product.StateAtAsync(member, script.End, cancellationToken);
            Require(right, found, $"{script}, {member} at {script.End:O}");
            for (var part = 0; part <= InstantsPerMember; part++)
            {
                var instant = EventScript.Start + (length * part);
                right = await oracle.StateAsOfAsync(member, instant, cancellationToken);
                found = await product.StateAsOfAsync(member, instant, cancellationToken);
                Require(right, found, $"{script}, {member} as of {instant:O}");
            }
        }
    }

    private static void Require<T>(T right, T found, string context)
    {
        if (!EqualityComparer<T>.Default.Equals(right, found))
        {
            Assert.Fail($"{context}\noracle:  {right}\nproduct: {found}");
        }
    }
}
