-- Returns {incarnation, its age ms, {{member, mark, lease ms}, ...}}
return { current.id, current.age, list_members() }
