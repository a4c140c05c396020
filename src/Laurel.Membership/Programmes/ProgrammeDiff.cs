using System.Text.Json.Nodes;

namespace Laurel.Membership.Programmes;

/// <summary>One difference between two programmes.</summary>
/// <param name="Path">Where: <c>rules/order/amount/fixed</c>. Parts of lists are named by their code.</param>
/// <param name="Before">As JSON; null where there was nothing.</param>
/// <param name="After">As JSON; null where there is nothing any more.</param>
public sealed record ProgrammeDifference(string Path, string? Before, string? After);

/// <summary>Tells programmes apart, part by part.</summary>
public static class ProgrammeDiff
{
    /// <summary>What leads from one to the other, in the order of the document. Versions are not compared.</summary>
    public static IReadOnlyList<ProgrammeDifference> Between(Programme before, Programme after)
    {
        var found = new List<ProgrammeDifference>();
        Compare("", NodeOf(before), NodeOf(after), found);
        return found;
    }

    private static JsonNode? NodeOf(Programme programme) => JsonNode.Parse(ProgrammeDocument.Write(programme with { Version = 0 }));

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<ProgrammeDifference> found)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        if (PartsOf(before) is { } old && PartsOf(after) is { } next)
        {
            foreach (var name in old.Keys.Union(next.Keys))
            {
                Compare(path.Length == 0 ? name : $"{path}/{name}", old.GetValueOrDefault(name), next.GetValueOrDefault(name), found);
            }

            CompareOrder(path, before, after, found);
            return;
        }

        found.Add(new ProgrammeDifference(path, before?.ToJsonString(ProgrammeDocument.Options), after?.ToJsonString(ProgrammeDocument.Options)));
    }

    /// <summary>The same parts in another order are another list: the first rule of a group pays.</summary>
    private static void CompareOrder(string path, JsonNode? before, JsonNode? after, List<ProgrammeDifference> found)
    {
        if (before is JsonArray old && after is JsonArray next)
        {
            var (was, now) = (CodesOf(old), CodesOf(next));
            if (!was.Intersect(now).SequenceEqual(now.Intersect(was)))
            {
                found.Add(new ProgrammeDifference($"{path} (order)", string.Join(", ", was), string.Join(", ", now)));
            }
        }
    }

    /// <summary>The fields of an object, or the items of a list by their codes; null for anything else.</summary>
    private static Dictionary<string, JsonNode?>? PartsOf(JsonNode? node) => node switch
    {
        JsonObject fields => fields.ToDictionary(),
        JsonArray items when items.Count > 0 && items.All(item => CodeOf(item) is not null) && items.DistinctBy(CodeOf).Count() == items.Count => items.ToDictionary(item => CodeOf(item)!),
        _ => null,
    };

    private static List<string> CodesOf(JsonArray items) => [.. items.Select(item => CodeOf(item)!)];

    private static string? CodeOf(JsonNode? item) => item is JsonObject fields && fields["code"] is JsonValue code ? code.ToString() : null;
}
