using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Laurel.GraphQL.Execution;

/// <summary>A value of an answer: numbers and booleans without a box, everything else by reference.</summary>
internal readonly struct ResponseValue
{
    private static readonly object s_failed = new();
    private static readonly object s_whole = new();
    private static readonly object s_double = new();
    private static readonly object s_boolean = new();

    private readonly object? reference;
    private readonly long bits;

    private ResponseValue(object? reference, long bits) => (this.reference, this.bits) = (reference, bits);

    /// <summary>In place of a value: there is none, and an error says why.</summary>
    public static ResponseValue Failed => new(s_failed, 0);

    public bool IsNull => reference is null;

    public bool IsFailed => ReferenceEquals(reference, s_failed);

    /// <summary>Whether it is a number that JSON does not have.</summary>
    public bool IsNotFinite => ReferenceEquals(reference, s_double) && !double.IsFinite(BitConverter.Int64BitsToDouble(bits));

    /// <summary>A leaf as a scalar answers it, an object, or an array of values.</summary>
    public static ResponseValue Of(object? value) => new(value, 0);

    /// <summary>A leaf of a type that its scalar answers as it is.</summary>
    public static ResponseValue OfLeaf<T>(T value)
    {
        if (typeof(T) == typeof(int))
        {
            return new(s_whole, Unsafe.As<T, int>(ref value));
        }

        if (typeof(T) == typeof(long))
        {
            return new(s_whole, Unsafe.As<T, long>(ref value));
        }

        if (typeof(T) == typeof(bool))
        {
            return new(s_boolean, Unsafe.As<T, bool>(ref value) ? 1 : 0);
        }

        if (typeof(T) == typeof(double))
        {
            return new(s_double, BitConverter.DoubleToInt64Bits(Unsafe.As<T, double>(ref value)));
        }

        if (typeof(T) == typeof(int?))
        {
            return Unsafe.As<T, int?>(ref value) is { } number ? new(s_whole, number) : default;
        }

        if (typeof(T) == typeof(long?))
        {
            return Unsafe.As<T, long?>(ref value) is { } number ? new(s_whole, number) : default;
        }

        if (typeof(T) == typeof(bool?))
        {
            return Unsafe.As<T, bool?>(ref value) is { } yes ? new(s_boolean, yes ? 1 : 0) : default;
        }

        if (typeof(T) == typeof(double?))
        {
            return Unsafe.As<T, double?>(ref value) is { } number ? new(s_double, BitConverter.DoubleToInt64Bits(number)) : default;
        }

        return new(value, 0);
    }

    /// <summary>With a box, and arrays of objects for arrays of values.</summary>
    public object? ToObject()
    {
        if (ReferenceEquals(reference, s_whole))
        {
            return bits is >= int.MinValue and <= int.MaxValue ? (int)bits : bits;
        }

        if (ReferenceEquals(reference, s_double))
        {
            return BitConverter.Int64BitsToDouble(bits);
        }

        if (ReferenceEquals(reference, s_boolean))
        {
            return bits != 0;
        }

        return reference is ResponseValue[] items ? Array.ConvertAll(items, static item => item.ToObject()) : reference;
    }

    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (reference)
        {
            case string text:
                writer.WriteStringValue(text);
                break;
            case ResponseObject fields:
                fields.WriteTo(writer);
                break;
            case ResponseValue[] items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    item.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            case { } marker when ReferenceEquals(marker, s_whole):
                writer.WriteNumberValue(bits);
                break;
            case { } marker when ReferenceEquals(marker, s_boolean):
                writer.WriteBooleanValue(bits != 0);
                break;
            case { } marker when ReferenceEquals(marker, s_double):
                writer.WriteNumberValue(BitConverter.Int64BitsToDouble(bits));
                break;
            default:
                WriteTo(writer, reference);
                break;
        }
    }

    /// <summary>A value as scalars and errors hold it.</summary>
    public static void WriteTo(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool yes:
                writer.WriteBooleanValue(yes);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case JsonElement json:
                json.WriteTo(writer);
                break;
            case IEnumerable<KeyValuePair<string, object?>> fields:
                writer.WriteStartObject();
                foreach (var (name, field) in fields)
                {
                    writer.WritePropertyName(name);
                    WriteTo(writer, field);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    WriteTo(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new InvalidOperationException($"A scalar answered a {value.GetType()}, which is not a value of JSON.");
        }
    }
}
