using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Laurel.Server.Programmes;

/// <summary>JSON as YAML 1.2 and back. Plain scalars mean what the core schema says (YAML 1.2.2 §10.3.2), so <c>no</c> is a word.</summary>
internal static partial class ProgrammeYaml
{
    /// <summary>Nodes of a document at the most; an alias counts as what it stands for.</summary>
    private const int NodesMax = 200_000;

    private const int DepthMax = 32;

    public static string Write(JsonNode document)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        new YamlStream(new YamlDocument(NodeOf(document))).Save(text, assignAnchors: false);

        // The library ends every stream with a mark that nobody needs in a file of one document.
        return text.ToString().Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd().TrimEnd('.').TrimEnd() + "\n";
    }

    /// <exception cref="FormatException">When it is no YAML document, with the line at fault.</exception>
    public static JsonNode? Read(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            throw new FormatException($"Line {exception.Start.Line}, column {exception.Start.Column}: {exception.Message}", exception);
        }

        var count = 0;
        return stream.Documents.Count == 1
            ? JsonOf(stream.Documents[0].RootNode, 0, ref count)
            : throw new FormatException($"The file holds {stream.Documents.Count} documents instead of one.");
    }

    private static YamlNode NodeOf(JsonNode? node) => node switch
    {
        JsonObject fields => new YamlMappingNode(fields.Select(field => new KeyValuePair<YamlNode, YamlNode>(new YamlScalarNode(field.Key), NodeOf(field.Value)))),
        JsonArray items => new YamlSequenceNode(items.Select(NodeOf)),
        JsonValue value when value.TryGetValue<string>(out var text) => new YamlScalarNode(text) { Style = IsPlainWord(text) ? ScalarStyle.Any : ScalarStyle.DoubleQuoted },
        null => new YamlScalarNode("null") { Style = ScalarStyle.Plain },
        _ => new YamlScalarNode(node.ToJsonString()) { Style = ScalarStyle.Plain },
    };

    private static JsonNode? JsonOf(YamlNode node, int depth, ref int count)
    {
        if (++count > NodesMax || depth > DepthMax)
        {
            throw new FormatException($"Line {node.Start.Line}: the document is larger than {NodesMax} parts or deeper than {DepthMax}.");
        }

        switch (node)
        {
            case YamlMappingNode map:
                var fields = new JsonObject();
                foreach (var (key, value) in map.Children)
                {
                    fields[((key as YamlScalarNode)?.Value) ?? throw new FormatException($"Line {key.Start.Line}: a key is a word.")] = JsonOf(value, depth + 1, ref count);
                }

                return fields;
            case YamlSequenceNode sequence:
                var items = new JsonArray();
                foreach (var item in sequence.Children)
                {
                    items.Add(JsonOf(item, depth + 1, ref count));
                }

                return items;
            case YamlScalarNode scalar:
                return ScalarOf(scalar);
            default:
                throw new FormatException($"Line {node.Start.Line}: only maps, lists and plain values are understood.");
        }
    }

    private static JsonNode? ScalarOf(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when Number().IsMatch(text) => JsonNode.Parse(text),
            _ => JsonValue.Create(text),
        };
    }

    /// <summary>Whether a text stays a text when it is written without quotes.</summary>
    private static bool IsPlainWord(string text) =>
        text.Length > 0 && text == text.Trim() && !LikeOther().IsMatch(text) && !text.Any(char.IsControl) && Encoding.UTF8.GetByteCount(text) > 0;

    [GeneratedRegex("^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Number();

    [GeneratedRegex("^([-+.0-9]|~$|(null|true|false|yes|no|on|off)$)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex LikeOther();
}
