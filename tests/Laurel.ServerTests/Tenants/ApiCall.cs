using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Laurel.ServerTests.Hosting;

namespace Laurel.ServerTests.Tenants;

/// <summary>One call of the API about things of one tenant, with <c>&lt;names&gt;</c> where the ids of these things belong.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">With its query.</param>
/// <param name="Body">JSON; null sends none.</param>
internal sealed partial record ApiCall(string Method, string Path, string? Body = null)
{
    /// <summary>What the name stands for that is another at each call.</summary>
    private const string New = "new";

    private static int s_calls;

    /// <summary>Whether whoever these things are not of may be answered with success: a list that is empty, or something of the caller's
    /// own. Otherwise the call must be refused.</summary>
    public bool MayBeAnswered { get; init; }

    /// <summary>How the call is answered to whoever these things are of, where that is neither a success nor a refusal for reasons of
    /// business (409, 422): the proof that it is asked well is then that it is this one.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether it is asked without credentials, so that nobody is its owner; what it may tell is the same for everybody.</summary>
    public bool IsOpen { get; init; }

    public string MediaType { get; init; } = LaurelServer.Json;

    /// <summary>Whether its body is JSON; otherwise it is a file.</summary>
    public bool IsJson => MediaType.EndsWith("json", StringComparison.Ordinal);

    /// <summary>Whether this is a call of an operation of the OpenAPI document.</summary>
    /// <param name="template">Its path with <c>{parameters}</c>.</param>
    public bool IsOf(string method, string template)
    {
        var (asked, given) = (template.Split('/'), Path.Split('?')[0].Split('/'));
        return Method == method && asked.Length == given.Length
            && asked.Zip(given).All(pair => pair.First.StartsWith('{') ? pair.Second.StartsWith('<') : pair.First == pair.Second);
    }

    /// <summary>The call with the names filled in.</summary>
    /// <exception cref="KeyNotFoundException">When there is no such thing.</exception>
    public (HttpRequestMessage Request, string Sent) Fill(IReadOnlyDictionary<string, string> things)
    {
        var number = $"n{Interlocked.Increment(ref s_calls)}";
        string Filled(string text, Func<string, string> written) =>
            Name().Replace(text, name => written(name.Groups["name"].Value is var of && of == New ? number : things[of]));
        var path = Filled(Path, Uri.EscapeDataString);
        var body = Body is null ? null : Filled(Body, thing => thing.StartsWith('{') ? thing : JsonEncodedText.Encode(thing).ToString());
        var request = new HttpRequestMessage(new HttpMethod(Method), path);
        if (body is not null)
        {
            request = LaurelServer.Request(new HttpMethod(Method), path, Encoding.UTF8.GetBytes(body), MediaType);
        }

        return (request, Uri.UnescapeDataString(path) + body);
    }

    public override string ToString() => $"{Method} {Path}";

    [GeneratedRegex("<(?<name>[a-zA-Z]+)>", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Name();
}
