using System.Text;
using System.Text.Json.Nodes;

namespace Laurel.ServerTests.Refusals;

/// <summary>Spoils a body that was good, in its bytes or in its structure.</summary>
internal sealed class BodyMutations(Random random)
{
    private static readonly string[] s_values =
    [
        "0", "-1", "-0", "1", "0.1", "1e3", "1E400", "2147483648", "9007199254740991", "9007199254740992",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1" + new string('0', 400), "null",
        "true", "\"\"", "\" \"", "\"1\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\u202e\"", "\"e\\u0301\"",
        "\"\\ud83d\\ude00\"", "[]", "{}", "[[[[]]]]", "[{}]", "[null]", "{\"a\":{\"a\":{}}}", "\"CNY\"",
        "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00Z\"", "\"2024-02-30T00:00:00Z\"",
        "\"2024-06-30T23:59:60Z\"", "\"2024-06-30T12:00:00+14:00\"", "\"" + new string('x', 3_000) + "\"",
        "\"'; DROP TABLE members; --\"", "\"%s%n\"", "\"../../etc/passwd\"", "\"<script>\"",
    ];

    public byte[] Spoil(JsonNode good)
    {
        var text = random.Next(3) == 0 ? good.ToJsonString() : SpoilStructure(good.DeepClone());
        var bytes = Encoding.UTF8.GetBytes(text);
        return random.Next(3) == 0 ? SpoilBytes(bytes) : bytes;
    }

    /// <summary>Puts a marker where a value, a field or an item is to be, and the spoilt text in the marker's
    /// place: the writer of JSON would never write it.</summary>
    private string SpoilStructure(JsonNode root)
    {
        const string Marker = "@@spoilt@@";
        var (parent, place) = Pick(root);
        switch (parent, random.Next(5))
        {
            case (JsonObject fields, 0):
                fields.Remove((string)place);
                return root.ToJsonString();
            case (JsonObject fields, 1):
                fields["extra" + random.Next(3)] = Marker;
                break;
            case (JsonObject fields, 2):
                // The same name a second time.
                fields["@@again@@"] = Marker;
                return Replace(root.ToJsonString(), Marker).Replace("@@again@@", (string)place);
            case (JsonObject fields, _):
                fields[(string)place] = Marker;
                break;
            case (JsonArray items, 0):
                items.RemoveAt((int)place);
                return root.ToJsonString();
            case (JsonArray items, 1):
                items.Insert((int)place, items[(int)place]?.DeepClone());
                return root.ToJsonString();
            case (JsonArray items, _):
                items[(int)place] = Marker;
                break;
            default:
                return s_values[random.Next(s_values.Length)];
        }

        return Replace(root.ToJsonString(), Marker);
    }

    private string Replace(string text, string marker) =>
        text.Replace($"\"{marker}\"", s_values[random.Next(s_values.Length)]);

    /// <summary>A field or an item somewhere in the body, by what holds it.</summary>
    private (JsonNode? Parent, object Place) Pick(JsonNode root)
    {
        var places = new List<(JsonNode?, object)>();
        Collect(root, places);
        return places.Count == 0 ? (null, "") : places[random.Next(places.Count)];
    }

    private static void Collect(JsonNode? node, List<(JsonNode?, object)> places)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                {
                    places.Add((fields, name));
                    Collect(value, places);
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    places.Add((items, i));
                    Collect(items[i], places);
                }

                break;
            case JsonValue or null:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(node));
        }
    }

    private byte[] SpoilBytes(byte[] bytes)
    {
        var spoilt = bytes.ToList();
        for (var times = random.Next(1, 4); times > 0 && spoilt.Count > 0; times--)
        {
            var at = random.Next(spoilt.Count);
            switch (random.Next(4))
            {
                case 0:
                    spoilt[at] = (byte)random.Next(256);
                    break;
                case 1:
                    spoilt.RemoveRange(at, spoilt.Count - at);
                    break;
                case 2:
                    spoilt.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    spoilt.InsertRange(at, spoilt.GetRange(at, random.Next(1, spoilt.Count - at + 1)));
                    break;
            }
        }

        return [.. spoilt];
    }
}
