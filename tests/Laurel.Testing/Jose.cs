using System.Text.Json;

namespace Laurel.Testing;

/// <summary>Access tokens as the npm package <c>jose</c> reads and makes them.</summary>
public static class Jose
{
    /// <summary>Runs a verb of <c>tokens.mjs</c>.</summary>
    /// <returns>What it printed: claims, a token, or <c>refused</c>.</returns>
    public static Task<JsonElement> RunAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        NodeScripts.RunAsync("jose", cancellationToken, ["tokens.mjs", .. arguments]);
}
