using Laurel.Expressions.Functions;
using Laurel.Expressions.Types;

namespace Laurel.Expressions.Checking;

/// <summary>Everything that an expression may name.</summary>
internal sealed class Declarations
{
    private static readonly Dictionary<string, ExpressionType> s_types = new ExpressionType[]
    {
        ExpressionType.Null, ExpressionType.Bool, ExpressionType.Int, ExpressionType.Uint, ExpressionType.Double, ExpressionType.Decimal,
        ExpressionType.String, ExpressionType.Bytes, ExpressionType.Timestamp, ExpressionType.Duration, ExpressionType.Type,
        ExpressionType.List(ExpressionType.Dyn), ExpressionType.Map(ExpressionType.Dyn, ExpressionType.Dyn),
    }.ToDictionary(static type => type.Name);

    public Dictionary<string, Member> Variables { get; } = [];

    public Dictionary<Type, RecordType> Records { get; } = [];

    public FunctionTable Functions { get; } = new(StandardFunctions.Table);

    /// <summary>Names are looked up inside this first, then outside: within <c>a.b</c> the name x is a.b.x, a.x or x.</summary>
    public string Container { get; set; } = "";

    public Member? FindVariable(string name, bool absolute)
    {
        for (var container = absolute ? "" : Container; container.Length > 0; container = Outer(container))
        {
            if (Variables.TryGetValue($"{container}.{name}", out var inner))
            {
                return inner;
            }
        }

        return Variables.GetValueOrDefault(name);
    }

    public ExpressionType? FindType(string name) =>
        s_types.GetValueOrDefault(name) ?? Records.Values.FirstOrDefault(record => record.Type.Name == name)?.Type;

    public RecordType? RecordOf(ExpressionType type) => Records.GetValueOrDefault(type.Clr);

    private static string Outer(string container) => container.LastIndexOf('.') is >= 0 and var dot ? container[..dot] : "";
}
