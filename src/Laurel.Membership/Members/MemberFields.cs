using System.Globalization;
using System.Text.Json;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Platform.Access;
using Laurel.Platform.GraphQL;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Members;

/// <summary>Asks for members.</summary>
[GraphQLType("Query")]
internal sealed class MemberQueries(Doors doors, MemberPages pages, MemberNodes nodes)
{
    private static readonly Door s_list = new(HttpMethods.Get, "/api/members");

    [GraphQLField("members")]
    public async Task<Resolved<MembersResponse>> ListAsync(MemberQueryInput? input, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var asked = input ?? MemberQueryInput.First;
        var call = new DoorCall(s_list);
        var admission = await doors.AdmitAsync(caller, asked.Filter?.Ask(call) ?? call, cancellationToken);
        if (admission.Refusal is { } refusal)
        {
            return refusal;
        }

        var query = new QueryFields(admission.Call.Request);
        var filter = MemberFilter.Read(query);
        return await pages.FindNumberedAsync(admission.Call, query, filter, asked.Page, asked.PageSize) is { } page
            ? new MembersResponse(
                [.. page.Items.Select(item => nodes.Of(item, caller.Tenant, caller))], asked.Page, asked.PageSize, token => pages.CountAsync(admission.Call, filter, token))
            : Doors.RefusalOf(admission.Call);
    }

    [GraphQLField("membersConnection")]
    public async Task<Resolved<MemberConnection>> ConnectAsync(
        MemberFilterInput? filter, int first, string? after, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var call = new DoorCall(s_list).With(QueryFields.LimitName, first.ToString(CultureInfo.InvariantCulture)).With(QueryFields.CursorName, after);
        var admission = await doors.AdmitAsync(caller, filter?.Ask(call) ?? call, cancellationToken);
        if (admission.Refusal is { } refusal)
        {
            return refusal;
        }

        var query = new QueryFields(admission.Call.Request);
        return await pages.FindAsync(admission.Call, query, MemberFilter.Read(query)) is { } page
            ? new MemberConnection([.. page.Items.Select(item => nodes.Of(item, caller.Tenant, caller))], new PageInfo(page.NextCursor))
            : Doors.RefusalOf(admission.Call);
    }

    [GraphQLField("member")]
    public Task<Resolved<MemberNode?>> FindAsync(string id, GraphQLCaller caller, CancellationToken cancellationToken) => nodes.FindAsync(id, caller, cancellationToken);

    /// <summary>Null for who is no member: staff, and keys.</summary>
    [GraphQLField("appMember")]
    public async Task<Resolved<MemberNode?>> FindCallerAsync(GraphQLCaller caller, CancellationToken cancellationToken) =>
        caller.Actor is { Member: null } ? default : await nodes.FindAsync("me", caller, cancellationToken);
}

/// <summary>Changes members.</summary>
[GraphQLType("Mutation")]
internal sealed class MemberMutations(Doors doors, MemberNodes nodes)
{
    private static readonly Door s_create = new(HttpMethods.Post, "/api/members");
    private static readonly Door s_update = new(HttpMethods.Put, "/api/members/{id}");
    private static readonly Door s_delete = new(HttpMethods.Delete, "/api/members/{id}");
    private static readonly Door s_deleteAll = new(HttpMethods.Post, "/api/members/bulk/delete");

    [GraphQLField("createMember")]
    public async Task<Resolved<MemberNode>> CreateAsync(MemberInput input, GraphQLCaller caller, FieldRequest field)
    {
        var answer = await doors.CallAsync(caller, DoorCall.Of(s_create, field).Saying(input.Write), field.CancellationToken);
        return answer.Refusal is { } refusal ? refusal : nodes.Of(answer.Body.Deserialize(MembershipJson.Default.MemberReply)!, caller.Tenant, caller);
    }

    [GraphQLField("updateMember")]
    public Task<Resolved<MemberNode>> UpdateAsync(string id, MemberUpdateInput input, GraphQLCaller caller, FieldRequest field) =>
        ChangeAsync(id, input, caller, field);

    [GraphQLField("updateProfile")]
    public Task<Resolved<MemberNode>> UpdateProfileAsync(ProfileUpdateInput input, GraphQLCaller caller, FieldRequest field) =>
        ChangeAsync("me", input, caller, field);

    [GraphQLField("deleteMember")]
    public Task<Resolved<bool>> DeleteAsync(string id, GraphQLCaller caller, FieldRequest field) =>
        doors.DoAsync(caller, DoorCall.Of(s_delete, field).In("id", id), field.CancellationToken);

    [GraphQLField("batchDeleteMembers")]
    public async Task<Resolved<BatchOperationResult>> DeleteAllAsync(IReadOnlyList<string> ids, GraphQLCaller caller, FieldRequest field)
    {
        var call = DoorCall.Of(s_deleteAll, field).Saying(body =>
        {
            body.WriteStartArray("memberIds");
            foreach (var id in ids)
            {
                body.WriteStringValue(id);
            }

            body.WriteEndArray();
            body.WriteString("reason", "batchDeleteMembers");
        });
        var answer = await doors.CallAsync(caller, call, field.CancellationToken);
        return answer.Refusal is { } refusal ? refusal : new BatchOperationResult(answer.Body);
    }

    private Task<Resolved<MemberNode>> ChangeAsync(string id, ProfileInput input, GraphQLCaller caller, FieldRequest field) =>
        nodes.ChangeAsync(DoorCall.Of(s_update, field).In("id", id).Saying(input.Write), id, caller, field.CancellationToken);
}
