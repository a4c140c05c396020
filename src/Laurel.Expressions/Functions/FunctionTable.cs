using System.Linq.Expressions;

namespace Laurel.Expressions.Functions;

/// <summary>Functions by name. A method's first parameter is its receiver.</summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<(string Name, bool IsMethod), List<Overload>> _functions = [];

    public FunctionTable()
    {
    }

    public FunctionTable(FunctionTable start)
    {
        foreach (var (key, overloads) in start._functions)
        {
            _functions[key] = [.. overloads];
        }
    }

    public IEnumerable<string> Names =>
        _functions.Keys.Select(static key => key.Name).Where(static name => char.IsAsciiLetter(name[0])).Distinct();

    public IReadOnlyList<Overload>? Find(string name, bool isMethod) => _functions.GetValueOrDefault((name, isMethod));

    public void Add(string name, Overload overload) => Add(name, isMethod: false, overload);

    public void AddMethod(string name, Overload overload) => Add(name, isMethod: true, overload);

    public void Pure<T, TResult>(string name, Expression<Func<T, TResult>> code) => Add(name, Overload.Pure(code));

    public void Pure<T1, T2, TResult>(string name, Expression<Func<T1, T2, TResult>> code) => Add(name, Overload.Pure(code));

    private void Add(string name, bool isMethod, Overload overload)
    {
        if (!_functions.TryGetValue((name, isMethod), out var overloads))
        {
            _functions[(name, isMethod)] = overloads = [];
        }

        overloads.Add(overload);
    }
}
