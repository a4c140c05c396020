using System.Collections;
using System.Globalization;
using System.Text.Json;
using Laurel.Expressions;
using Shouldly;

namespace Laurel.UnitTests.Expressions;

/// <summary>Values as the cases write them, read and compared without the engine's help.</summary>
internal sealed class ConformanceValue(string text)
{
    private int _at;

    /// <summary>The name of a type.</summary>
    internal sealed record TypeName(string Name);

    public static object? Read(string text)
    {
        var reader = new ConformanceValue(text.Trim());
        var value = reader.Value();
        reader._at.ShouldBe(text.Trim().Length, text);
        return value;
    }

    /// <summary>The value of a variable of a declared type.</summary>
    public static object? Read(string text, string type) => (Read(text), type) switch
    {
        (List<object?> list, "list(int)") => list.Cast<long>().ToArray(),
        (List<object?> list, "list(string)") => list.Cast<string>().ToArray(),
        (Dictionary<object, object?> map, "map(string, int)") => map.ToDictionary(pair => (string)pair.Key, pair => (long)pair.Value!),
        (Dictionary<object, object?> map, "map(string, string)") => map.ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value!),
        (long nanos, "duration") => new Duration(nanos),
        var (value, _) => value,
    };

    public static bool AreSame(object? actual, object? expected) => (actual, expected) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (ExpressionType a, TypeName b) => a.Name == b.Name,
        (string or long or ulong or bool, _) => actual.Equals(expected),
        (IEnumerable a, Dictionary<object, object?> b) => AreSame(Pairs(a), b),
        (IEnumerable a, List<object?> b) => a.Cast<object?>().ToArray() is var items && items.Length == b.Count
            && items.Zip(b).All(pair => AreSame(pair.First, pair.Second)),
        _ => false,
    };

    private static bool AreSame(IReadOnlyList<(object Key, object? Value)> actual, Dictionary<object, object?> expected) =>
        actual.Count == expected.Count && actual.All(pair => expected.TryGetValue(pair.Key, out var value) && AreSame(pair.Value, value));

    // Maps of any types of keys and values come as enumerations of pairs.
    private static IReadOnlyList<(object Key, object? Value)> Pairs(IEnumerable map) =>
        [.. map.Cast<object>().Select(pair => (Part(pair, "Key")!, Part(pair, "Value")))];

    private static object? Part(object pair, string name) => pair.GetType().GetProperty(name)!.GetValue(pair);

    private object? Value()
    {
        switch (text[_at])
        {
            case '[':
                var list = new List<object?>();
                Items(']', () => list.Add(Value()));
                return list;
            case '{':
                var map = new Dictionary<object, object?>();
                Items('}', () =>
                {
                    var key = Value()!;
                    text.Substring(_at, 2).ShouldBe(": ");
                    _at += 2;
                    map.Add(key, Value());
                });
                return map;
            case '"':
                var start = _at++;
                while (text[_at] != '"')
                {
                    _at += text[_at] == '\\' ? 2 : 1;
                }

                _at++;
                return JsonSerializer.Deserialize<string>(text[start.._at]);
            default:
                return Word();
        }
    }

    private void Items(char close, Action item)
    {
        _at++;
        while (text[_at] != close)
        {
            item();
            _at += text[_at] == ',' ? 2 : 0;
        }

        _at++;
    }

    private object? Word()
    {
        var end = text.IndexOfAny([',', ']', '}'], _at);
        if (text[_at..].StartsWith("type ", StringComparison.Ordinal) || end < 0)
        {
            end = text.Length;
        }

        var colon = text.IndexOf(": ", _at, StringComparison.Ordinal);
        end = colon >= 0 && colon < end ? colon : end;
        var word = text[_at..end];
        _at = end;
        return word switch
        {
            "true" => true,
            "false" => false,
            "null" => null,
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            ['b', ':', .. var hex] => Convert.FromHexString(hex),
            ['t', 'y', 'p', 'e', ' ', .. var name] => new TypeName(name),
            [.. var digits, 'u'] => ulong.Parse(digits, CultureInfo.InvariantCulture),
            _ when word.Contains('.', StringComparison.Ordinal) => double.Parse(word, CultureInfo.InvariantCulture),
            _ => long.Parse(word, CultureInfo.InvariantCulture),
        };
    }
}
