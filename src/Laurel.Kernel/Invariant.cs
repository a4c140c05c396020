using System.Diagnostics.CodeAnalysis;

namespace Laurel.Kernel;

/// <summary>Assertions that stay on in production: a broken one is a bug of ours, never a refusal.</summary>
public static class Invariant
{
    /// <exception cref="InvariantBrokenException">When <paramref name="holds"/> is false.</exception>
    public static void Require([DoesNotReturnIf(false)] bool holds, string sentence)
    {
        if (!holds)
        {
            throw new InvariantBrokenException(sentence);
        }
    }
}

/// <summary>The program found its own state impossible. The message names the invariant, never personal data.</summary>
public sealed class InvariantBrokenException(string message) : Exception(message);
